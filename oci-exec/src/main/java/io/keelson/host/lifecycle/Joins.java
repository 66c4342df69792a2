package io.keelson.host.lifecycle;

/** Waiting for the end of threads that use what is to be closed. */
public final class Joins {
    private Joins() {}

    /** Waits for its end, whatever happens; whether we were interrupted meanwhile, which the caller restores when it has closed all. */
    public static boolean untilEnd(Thread thread) {
        return untilEnd(thread, () -> {});
    }

    /**
     * The same.
     *
     * @param hurry done with each interrupt, and at once if there was one
     */
    public static boolean untilEnd(Thread thread, Runnable hurry) {
        var interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
                hurry.run();
            }
        }
    }
}
