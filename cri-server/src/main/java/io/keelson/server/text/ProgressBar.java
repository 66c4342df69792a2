package io.keelson.server.text;

/** How much of something is done, drawn. */
public final class ProgressBar {
    private static final int WIDTH = 30;
    private static final int PERCENT = 100;

    private ProgressBar() {}

    /** @param all zero if nobody knows yet */
    public static String of(long done, long all) {
        var part = all <= 0 ? 0 : Math.clamp((double) done / all, 0, 1);
        var filled = (int) (part * WIDTH);
        return "[" + "=".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + (int) (part * PERCENT) + " %";
    }
}
