package io.keelson.host.process;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.linux.Spawn;
import java.util.OptionalInt;

/** A running child. It must be awaited once, or it stays a zombie until the daemon ends. */
public final class Child implements AutoCloseable {
    private final Spawn.Spawned spawned;
    private OptionalInt exitCode = OptionalInt.empty();

    Child(Spawn.Spawned spawned) {
        this.spawned = spawned;
    }

    public long pid() {
        return spawned.pid();
    }

    public Pidfd pidfd() {
        return spawned.pidfd();
    }

    /** Waits for the end, on a platform thread, and takes the exit code; empty if the deadline came first. */
    public synchronized OptionalInt await(Deadline deadline) {
        if (exitCode.isEmpty() && BlockingCalls.call(() -> spawned.pidfd().awaitExit(deadline))) {
            exitCode = OptionalInt.of(Spawn.reap(spawned.pidfd()));
        }
        return exitCode;
    }

    /** Frees the descriptor; the process goes on. */
    @Override
    public void close() {
        spawned.pidfd().close();
    }
}
