package io.keelson.server.http;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What is answered to a request. */
public record Page(int status, String type, byte[] content) {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final String PLAIN = "text/plain; charset=utf-8";

    /** Of something's health: its trouble, if it has any. */
    public static Page health(Optional<String> trouble) {
        return trouble.map(text -> text(UNAVAILABLE, text)).orElseGet(() -> text(OK, "ok"));
    }

    public static Page text(int status, String text) {
        return new Page(status, PLAIN, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
