package io.keelson.host.linux;

import io.keelson.host.failure.Failure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What another thread returns or throws. */
final class Outcomes {
    private Outcomes() {}

    /** Waits for it; an interrupt runs {@code onInterrupt}, is waited out, and restored. */
    static <T> T await(CompletableFuture<T> outcome, Runnable onInterrupt) {
        var interrupted = false;
        try {
            while (true) {
                try {
                    return outcome.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    onInterrupt.run();
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
