package io.keelson.host.record;

/** The form of the ids of pods and containers, and of images without their algorithm: 64 hexadecimal digits, in lower case. */
public final class HexId {
    private static final int DIGITS = 64;

    private HexId() {}

    /** Whether this is one. A start asks this of thousands, in code that is not compiled yet, where a pattern is dear. */
    public static boolean is(String text) {
        if (text.length() != DIGITS) {
            return false;
        }
        for (var i = 0; i < DIGITS; i++) {
            var digit = text.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return false;
            }
        }
        return true;
    }
}
