package io.keelson.host.process;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.linux.Readiness;
import io.keelson.host.linux.Spawn;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running child. It is reaped when it ends, whether or not anybody waits for it. */
public final class Child implements AutoCloseable {
    private final Spawn.Spawned spawned;
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    Child(Spawn.Spawned spawned) {
        this.spawned = spawned;
        Readiness.onReady(spawned.pidfd().fd(), Descriptors.POLLIN, pidfd -> {
            try {
                exitCode.complete(Spawn.reap(pidfd));
            } catch (RuntimeException e) {
                exitCode.completeExceptionally(e);
            }
        });
    }

    /** For a child that nobody waits for. */
    static void reapLater(Spawn.Spawned spawned) {
        Readiness.onReady(spawned.pidfd().fd(), Descriptors.POLLIN, Spawn::reap);
    }

    public long pid() {
        return spawned.pid();
    }

    /** What it has started itself and what runs now. */
    public List<Long> children() {
        return ProcessTree.children(pid());
    }

    public Pidfd pidfd() {
        return spawned.pidfd();
    }

    /**
     * Waits for the end: the exit code, or 128 and the number of the signal that ended it; empty if the deadline came first.
     *
     * @throws Failure CANCELLED when interrupted, with the flag restored
     */
    public OptionalInt await(Deadline deadline) {
        try {
            return OptionalInt.of(exitCode.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for process " + pid(), e);
        } catch (ExecutionException e) {
            throw Failure.internal("cannot take the exit code of process " + pid(), e);
        }
    }

    /** Kills the process and all that it started, and waits for their end, unless the deadline comes first. */
    public void killTree(Deadline deadline) {
        // Once it is reaped, its number may be somebody else's.
        if (!exitCode.isDone()) {
            ProcessTree.kill(spawned.pidfd(), spawned.pid(), deadline);
        }
    }

    /** Frees the descriptor; the process goes on. */
    @Override
    public void close() {
        spawned.pidfd().close();
    }
}
