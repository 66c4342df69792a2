package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.BlockingCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks at paths of the host that requests name. What is behind one may hang in the kernel for ever, as a network file system does
 * whose server is away: nobody waits for it longer than {@link #PATIENCE}, whatever else happens on the node goes on, and however
 * often it is asked for, one thread hangs in it.
 */
final class HostPaths {
    /** Far below the two minutes after which kubelet gives a request up. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Duration patience;
    private final ConcurrentMap<String, CompletableFuture<Found>> looks = new ConcurrentHashMap<>();

    /** @param path without links */
    record Found(Path path, boolean isDirectory) {}

    HostPaths(Duration patience) {
        this.patience = patience;
    }

    /**
     * Links are followed on the host's side, and a path that is missing is made as a directory, as kubelet's users expect.
     *
     * @throws IOException for a link that leads nowhere, a path through a file, a place where nothing can be made
     * @throws Failure UNAVAILABLE if there is no answer in time, CANCELLED when interrupted
     */
    Found find(String hostPath) throws IOException {
        try {
            return look(hostPath).get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "the host's " + hostPath + " does not answer within " + patience.toSeconds() + " s",
                    e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while looking at " + hostPath, e);
        }
    }

    /** One that is under way is everybody's. */
    private CompletableFuture<Found> look(String hostPath) {
        var ours = new CompletableFuture<Found>();
        var others = looks.putIfAbsent(hostPath, ours);
        if (others != null) {
            return others;
        }
        var _ = BlockingCalls.start(() -> lookAt(Path.of(hostPath))).whenComplete((found, failure) -> {
            looks.remove(hostPath, ours);
            if (failure == null) {
                ours.complete(found);
            } else {
                ours.completeExceptionally(failure);
            }
        });
        return ours;
    }

    private static Found lookAt(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path);
        }
        var real = path.toRealPath();
        return new Found(real, Files.isDirectory(real));
    }
}
