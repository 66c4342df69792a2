package io.keelson.server.text;

import java.io.Console;
import java.util.Map;
import java.util.Optional;

/** Colours at a terminal, where nobody has asked for none (no-color.org). */
public record Ink(boolean isColoured) {
    public static final Ink PLAIN = new Ink(false);

    private static final String RESET = "\u001b[0m";

    /** For what this process writes to its stdout. */
    public static Ink ofStdout() {
        return of(System.getenv(), isAtTerminal());
    }

    /** Whether stdin and stdout of this process are a terminal. */
    static boolean isAtTerminal() {
        return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }

    static Ink of(Map<String, String> environment, boolean isTerminal) {
        var refused = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Ink(isTerminal && !refused);
    }

    public String bad(String text) {
        return paint("31", text);
    }

    public String good(String text) {
        return paint("32", text);
    }

    public String strong(String text) {
        return paint("1", text);
    }

    private String paint(String code, String text) {
        return isColoured && !text.isEmpty() ? "\u001b[" + code + "m" + text + RESET : text;
    }
}
