package io.keelson.server.text;

/** How much of something is done, drawn. */
public final class ProgressBar {
    private static final int WIDTH = 30;
    private static final int PERCENT = 100;

    private ProgressBar() {}

    /** With how many bytes there are; empty while nobody knows. */
    public static String ofBytes(long done, long all) {
        return all <= 0 ? "" : of(done, all) + " of " + Sizes.text(all);
    }

    /** @param all zero if nobody knows yet */
    public static String of(long done, long all) {
        var part = all <= 0 ? 0 : Math.clamp((double) done / all, 0, 1);
        var filled = (int) (part * WIDTH);
        return "[" + "=".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + (int) (part * PERCENT) + " %";
    }
}
