package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for native calls that block: on a virtual thread they would hold one of the few carriers. Threads end after
 * ten idle seconds, and are always in the daemon's own namespaces. To wait for one descriptor, {@link Readiness} is cheaper.
 */
public final class BlockingCalls {
    private static final int MAX_THREADS = 1024;
    private static final long STACK_BYTES = 256 * 1024;
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0,
            MAX_THREADS,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform()
                    .name("blocking-", 0)
                    .daemon()
                    .stackSize(STACK_BYTES)
                    .factory());

    private BlockingCalls() {}

    /**
     * Waits for the call; an interrupt runs {@code onInterrupt}, which makes the call return, and is then restored.
     *
     * @throws Failure EXHAUSTED if there is no thread for it; then it was not made
     */
    public static <T> T call(Callable<T> call, Runnable onInterrupt) {
        return Outcomes.await(start(call), onInterrupt);
    }

    /** Does not wait for the call: for one that may never return. Without a thread for it the outcome is {@link Failure} EXHAUSTED. */
    public static <T> CompletableFuture<T> start(Callable<T> call) {
        var outcome = new CompletableFuture<T>();
        PlatformThread.atHome(() -> submit(call, outcome));
        return outcome;
    }

    /** As above, for a call that ends soon by itself: an interrupt waits for it. */
    public static <T> T call(Callable<T> call) {
        return call(call, () -> {});
    }

    private static <T> void submit(Callable<T> call, CompletableFuture<T> outcome) {
        try {
            POOL.execute(() -> perform(call, outcome));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            outcome.completeExceptionally(
                    new Failure(Failure.Kind.EXHAUSTED, "too many blocking calls at once: no thread for another", e));
        }
    }

    private static <T> void perform(Callable<T> call, CompletableFuture<T> outcome) {
        try {
            outcome.complete(call.call());
        } catch (Throwable e) {
            outcome.completeExceptionally(e);
        }
    }
}
