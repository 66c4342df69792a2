package io.keelson.server.rpc;

import java.util.Optional;

/**
 * What a call is about to do, and on what: the beginning of what is said if it fails.
 *
 * @param deed as in {@code start container}
 * @param subject what the request names it by; absent where the deed says it all
 */
record Attempt(String deed, Optional<String> subject) {
    private static final int LONGEST_SUBJECT = 160;

    static Attempt to(String deed) {
        return new Attempt(deed, Optional.empty());
    }

    static Attempt to(String deed, String subject) {
        return new Attempt(deed, Optional.of(subject));
    }

    /** What comes from outside may be anything: one line of it is shown. */
    String shown() {
        return subject.map(Attempt::oneLine).orElse("");
    }

    private static String oneLine(String text) {
        if (text.isEmpty()) {
            return "\"\"";
        }
        var cut = text.length() <= LONGEST_SUBJECT ? text : text.substring(0, LONGEST_SUBJECT) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }

    @Override
    public String toString() {
        return subject.isPresent() ? deed + " " + shown() : deed;
    }
}
