package io.keelson.server.text;

import java.util.Locale;

/** How long something took, for people. */
public final class Times {
    private Times() {}

    public static String text(long micros) {
        return micros < 1_000_000
                ? String.format(Locale.ROOT, "%.1f ms", micros / 1000.0)
                : String.format(Locale.ROOT, "%.2f s", micros / 1_000_000.0);
    }
}
