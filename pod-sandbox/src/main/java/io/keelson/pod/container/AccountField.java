package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import java.util.Map;

/**
 * Text that somebody may write into a line of passwd(5): a user's home. A line feed or a colon in it would forge an account
 * (CVE-2022-4318, CVE-2026-15809). Keelson writes no such lines; programs in containers do.
 */
final class AccountField {
    private static final String HOME = "HOME";

    private AccountField() {}

    /** @throws Failure INVALID if it has control characters or colons; a backslash before an n is neither */
    static String require(String what, String text) {
        if (text.chars().anyMatch(each -> each == ':' || Character.isISOControl(each))) {
            throw Failure.invalid(what + " \"" + text.replaceAll("\\p{Cntrl}", "?")
                    + "\" has a colon or control characters, which no account's home can have");
        }
        return text;
    }

    /** @param variables entries {@code NAME=value} by their names */
    static void requireHome(Map<String, String> variables) {
        var entry = variables.get(HOME);
        if (entry != null) {
            require("the variable HOME,", entry.substring(entry.indexOf('=') + 1));
        }
    }
}
