package io.keelson.pod.stream;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** One stream's bytes on their way into another, on a thread of their own. Closing it stops that, and waits until it has. */
final class Copying implements AutoCloseable {
    private static final int PIECE_BYTES = 32 << 10;

    private final Thread thread;

    private Copying(String name, InputStream from, OutputStream to, boolean endsOutput) {
        thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                copy(from, to);
                if (endsOutput) {
                    to.close();
                }
            } catch (IOException | Failure e) {
                // One of the two is gone, or nobody wants it any more: so is what was on its way.
            }
        });
    }

    /** The target stays open. */
    static Copying start(String name, InputStream from, OutputStream to) {
        return new Copying(name, from, to, false);
    }

    /** The end of the source closes the target. */
    static Copying startWithEnd(String name, InputStream from, OutputStream to) {
        return new Copying(name, from, to, true);
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        var piece = new byte[PIECE_BYTES];
        for (var count = from.read(piece); count >= 0; count = from.read(piece)) {
            to.write(piece, 0, count);
            to.flush();
        }
    }

    /** Waits for the end of the source. */
    void await() throws InterruptedException {
        thread.join();
    }

    @Override
    public void close() {
        thread.interrupt();
        var interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
