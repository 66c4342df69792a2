package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.BlockingCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks at paths of the host that requests name. What is behind one may hang in the kernel for ever, as a network file system does
 * whose server is away: nobody waits for it longer than {@code patience}, whatever else happens on the node goes on, and however
 * often it is asked for, one thread hangs in it.
 *
 * @param <T> what is seen
 */
final class PatientLooks<T> {
    /** Far below the two minutes after which kubelet gives a request up. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Duration patience;
    private final ConcurrentMap<String, CompletableFuture<T>> looks = new ConcurrentHashMap<>();

    PatientLooks(Duration patience) {
        this.patience = patience;
    }

    /**
     * What {@code look} finds at the path.
     *
     * @throws IOException as the look
     * @throws Failure as the look, UNAVAILABLE if there is no answer in time, CANCELLED when interrupted
     */
    T at(String path, Callable<T> look) throws IOException {
        try {
            return begin(path, look).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "the host's " + path + " does not answer within " + patience.toSeconds() + " s",
                    e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while looking at " + path, e);
        }
    }

    /** One that is under way is everybody's. */
    private CompletableFuture<T> begin(String path, Callable<T> look) {
        var ours = new CompletableFuture<T>();
        var others = looks.putIfAbsent(path, ours);
        if (others != null) {
            return others;
        }
        var _ = BlockingCalls.start(look).whenComplete((found, failure) -> {
            looks.remove(path, ours);
            if (failure == null) {
                ours.complete(found);
            } else {
                ours.completeExceptionally(failure);
            }
        });
        return ours;
    }
}
