package io.keelson.host.process;

import java.nio.charset.StandardCharsets;

/**
 * How a program ended.
 *
 * @param exitCode its exit status, or 128 and the number of the signal that ended it
 * @param timedOut it was killed because its time was up
 * @param truncated it printed more than its limits, and the rest was dropped
 */
public record Finished(int exitCode, byte[] stdout, byte[] stderr, boolean timedOut, boolean truncated) {
    private static final int EXCERPT_CHARS = 4096;

    /** The same, of a program that somebody else ended because its time was up. */
    public Finished asTimedOut() {
        return new Finished(exitCode, stdout, stderr, true, truncated);
    }

    public boolean isSuccess() {
        return exitCode == 0 && !timedOut;
    }

    /** The end of what it said on stderr, or else on stdout, for a message: at most {@value #EXCERPT_CHARS} characters. */
    public String complaint() {
        var text = new String(stderr.length > 0 ? stderr : stdout, StandardCharsets.UTF_8).strip();
        return text.length() <= EXCERPT_CHARS ? text : "…" + text.substring(text.length() - EXCERPT_CHARS);
    }
}
