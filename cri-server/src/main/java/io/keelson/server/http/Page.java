package io.keelson.server.http;

import java.nio.charset.StandardCharsets;

/** What is answered to a request. */
public record Page(int status, String type, byte[] content) {
    private static final String PLAIN = "text/plain; charset=utf-8";

    public static Page text(int status, String text) {
        return new Page(status, PLAIN, (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
