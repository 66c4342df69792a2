package io.keelson.host.linux;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** An open file descriptor that belongs to whoever holds this object, and is closed once. */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    private Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /** Takes over a descriptor that a call returned. */
    public static Fd owned(int number) {
        return new Fd(number);
    }

    /** @throws IllegalStateException once closed: by then the number may be somebody else's. */
    public int number() {
        var current = number.get();
        if (current == CLOSED) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return current;
    }

    /** A path that leads to the open file while it is open, in this process (proc_pid_fd(5)). */
    public Path procPath() {
        return Path.of("/proc/self/fd/" + number());
    }

    @Override
    public void close() {
        var current = number.getAndSet(CLOSED);
        if (current != CLOSED) {
            // close(2): the descriptor is gone whatever the call returns, so it is never repeated.
            SystemCall.CLOSE.tryCall(current, 0, 0, 0, 0, 0);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
