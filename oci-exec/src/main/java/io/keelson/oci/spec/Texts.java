package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;

/** Foreign text in messages. */
public final class Texts {
    private Texts() {}

    /** In quotes, with control characters as escapes. */
    public static String quoted(String text) {
        var result = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (Character.isISOControl(c)) {
                result.append(String.format("\\u%04x", c));
            } else {
                result.append((char) c);
            }
        });
        return result.append('"').toString();
    }

    /** What the kernel reads ends at a NUL: the rest of the text would say something that nobody sees. */
    public static void refuseNul(String what, String text) {
        if (text.indexOf('\0') >= 0) {
            throw Failure.invalid(what + " " + quoted(text) + " has a NUL in it");
        }
    }
}
