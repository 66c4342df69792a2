package io.keelson.server.text;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The last line of a terminal, which says how far something is for as long as that takes, and is gone afterwards. */
public final class ProgressLine implements AutoCloseable {
    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final String FROM_THE_LEFT = "\r";
    private static final String CLEAR_REST = "\u001b[K";

    private final PrintWriter out;
    private final Supplier<String> text;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;

    /** @param text as it is now; empty while there is nothing to be said */
    public ProgressLine(PrintWriter out, Supplier<String> text) {
        this.out = out;
        this.text = text;
        thread = Thread.ofVirtual().name("progress").unstarted(this::print);
    }

    /** Whether this process talks with a terminal on which a line can be written again. */
    public static boolean isPossible() {
        return Ink.isAtTerminal()
                && !System.getenv().getOrDefault("TERM", "dumb").equals("dumb");
    }

    /** From now on. */
    public void show() {
        thread.start();
    }

    private void print() {
        try {
            do {
                var now = text.get();
                if (!now.isEmpty()) {
                    write(now);
                }
            } while (!ended.await(BETWEEN.toMillis(), TimeUnit.MILLISECONDS));
            write("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lines that stay where they are printed: this one is below them again a moment later. */
    public synchronized void above(Runnable print) {
        if (thread.getState() != Thread.State.NEW) {
            write("");
        }
        print.run();
    }

    private synchronized void write(String line) {
        out.print(FROM_THE_LEFT + line + CLEAR_REST);
        out.flush();
    }

    /** The line is gone when this returns; one that was not shown is none. */
    @Override
    public void close() {
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        // No interrupt: it would close a socket that is just written to.
        ended.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
