package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A thread of the kernel for work that changes its namespaces. The work makes kernel calls and little else: it starts no
 * threads, does not log, and touches no lock that others wait for, since the threads which that may start would be born in
 * the other namespaces ({@link HomeThread}). {@link Readiness}, {@link BlockingCalls} and everything in the process package
 * take care of this themselves.
 */
public final class PlatformThread {
    /** The Java side of a native call needs little; a hundred of these threads cost less than 30 MiB. */
    private static final long STACK_BYTES = 256 * 1024;

    /** Marks the threads that may be in other namespaces than the daemon. */
    private static final class Mover extends Thread {
        Mover(Runnable work, String name) {
            super(null, work, name, STACK_BYTES);
            setDaemon(true);
        }
    }

    private PlatformThread() {}

    /**
     * Runs the work on a new platform thread, waits until that has ended, and passes on what it returns or throws. An interrupt
     * of the caller interrupts the work, is waited out, and restored: work on namespaces is never abandoned half-way.
     */
    public static <T> T call(String name, Callable<T> work) {
        return call(name, work, PlatformThread::atHome);
    }

    /** As {@link #call}, on a thread that begins in the namespaces of this one. */
    static <T> T callHere(String name, Callable<T> work) {
        return call(name, work, Runnable::run);
    }

    private static <T> T call(String name, Callable<T> work, Executor birthplace) {
        HomeThread.start();
        var outcome = new CompletableFuture<T>();
        var thread = new Mover(() -> perform(work, outcome), name);
        birthplace.execute(() -> start(thread, outcome));
        return Outcomes.await(outcome, thread::interrupt);
    }

    /** As {@link #call}, for work without a result. */
    public static void run(String name, Runnable work) {
        PlatformThread.<Boolean>call(name, () -> {
            work.run();
            return true;
        });
    }

    /** Does it here, unless this thread may be in other namespaces. */
    static void atHome(Runnable step) {
        if (Thread.currentThread() instanceof Mover) {
            HomeThread.execute(step);
        } else {
            step.run();
        }
    }

    private static <T> void start(Thread thread, CompletableFuture<T> outcome) {
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            outcome.completeExceptionally(new Failure(
                    Failure.Kind.EXHAUSTED,
                    "cannot start a thread for " + thread.getName() + ": " + e.getMessage(),
                    e));
        }
    }

    private static <T> void perform(Callable<T> work, CompletableFuture<T> outcome) {
        var mover = Thread.currentThread();
        try {
            var result = work.call();
            afterTheEndOf(mover, () -> outcome.complete(result));
        } catch (Throwable e) {
            afterTheEndOf(mover, () -> outcome.completeExceptionally(e));
        }
    }

    /** Once the thread is gone it holds none of the namespaces that it has been in. */
    private static void afterTheEndOf(Thread mover, Runnable step) {
        HomeThread.execute(() -> {
            try {
                mover.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the home thread", e);
            } finally {
                step.run();
            }
        });
    }
}
