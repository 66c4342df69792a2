package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A thread of the kernel for work that must not run on a shared one: it changes its namespaces, or blocks in a call. */
public final class PlatformThread {
    /** The Java side of a native call needs little; a hundred of these threads cost less than 30 MiB. */
    private static final long STACK_BYTES = 256 * 1024;

    private PlatformThread() {}

    /**
     * Runs the work on a new platform thread, waits for it, and passes on what it returns or throws. An interrupt of the
     * caller interrupts the work, is waited out, and restored: work on namespaces is never abandoned half-way.
     */
    public static <T> T call(String name, Callable<T> work) {
        var task = new FutureTask<>(work);
        var thread =
                Thread.ofPlatform().name(name).daemon().stackSize(STACK_BYTES).unstarted(task);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            throw new Failure(Failure.Kind.EXHAUSTED, "cannot start a thread for " + name + ": " + e.getMessage(), e);
        }
        var interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    thread.interrupt();
                }
            }
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #call}, for work without a result. */
    public static void run(String name, Runnable work) {
        PlatformThread.<Boolean>call(name, () -> {
            work.run();
            return true;
        });
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException cause -> cause;
            case Error cause -> throw cause;
            case InterruptedException cause -> new Failure(Failure.Kind.CANCELLED, "interrupted", cause);
            case null -> new IllegalStateException(e);
            case Throwable cause -> Failure.internal(String.valueOf(cause.getMessage()), cause);
        };
    }
}
