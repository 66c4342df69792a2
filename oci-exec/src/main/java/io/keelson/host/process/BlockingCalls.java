package io.keelson.host.process;

import io.keelson.host.failure.Failure;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads for native calls that block: on a virtual thread they would hold one of the few carriers. Threads end after
 * ten idle seconds.
 */
final class BlockingCalls {
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

    /** Waits for the call; an interrupt runs {@code onInterrupt}, which makes the call return, and is then restored. */
    static <T> T call(Callable<T> call, Runnable onInterrupt) {
        try {
            var future = POOL.submit(call);
            var interrupted = false;
            try {
                while (true) {
                    try {
                        return future.get();
                    } catch (InterruptedException e) {
                        interrupted = true;
                        onInterrupt.run();
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            throw new Failure(Failure.Kind.EXHAUSTED, "too many programs at once: no thread to wait for another", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                case null, default -> throw Failure.internal("blocking call failed", e);
            }
        }
    }

    static <T> T call(Callable<T> call) {
        return call(call, () -> {});
    }
}
