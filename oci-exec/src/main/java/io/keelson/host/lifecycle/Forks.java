package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** Work on several virtual threads that ends together. */
public final class Forks {
    private Forks() {}

    /**
     * Runs all tasks at the same time, each on a virtual thread, and returns their results in the order of the tasks. The
     * first failure interrupts the others and is thrown after every one of them has ended; so is an interrupt of the
     * caller, as {@link Failure.Kind#CANCELLED} with the flag restored.
     */
    public static <T> List<T> join(Collection<? extends Callable<T>> tasks) {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var finished = new ExecutorCompletionService<T>(executor);
            var futures = new ArrayList<Future<T>>(tasks.size());
            for (var task : tasks) {
                futures.add(finished.submit(task));
            }
            try {
                for (var i = 0; i < futures.size(); i++) {
                    finished.take().get();
                }
                var results = new ArrayList<T>(futures.size());
                for (var future : futures) {
                    results.add(future.resultNow());
                }
                return results;
            } catch (ExecutionException e) {
                executor.shutdownNow();
                throw unwrapped(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                executor.shutdownNow();
                Thread.currentThread().interrupt();
                throw new Failure(Failure.Kind.CANCELLED, "interrupted", e);
            }
        }
    }

    /** Runs the tasks here, one after the other. */
    public static <T> List<T> inOrder(Collection<? extends Callable<T>> tasks) {
        var results = new ArrayList<T>(tasks.size());
        for (var task : tasks) {
            try {
                results.add(task.call());
            } catch (Exception e) {
                throw unwrapped(e);
            }
        }
        return results;
    }

    /**
     * Has the task done on a platform thread, which virtual ones do not wait for, while the caller goes on. What is returned waits for its end, and returns or throws what the
     * task did; an interrupt of whoever waits is thrown as {@link Failure.Kind#CANCELLED} with the flag restored.
     */
    public static <T> Supplier<T> begin(String name, Callable<T> task) {
        var future = new FutureTask<>(task);
        Thread.ofPlatform().daemon().name(name).start(future);
        return () -> {
            try {
                return future.get();
            } catch (ExecutionException e) {
                throw unwrapped(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure(Failure.Kind.CANCELLED, "interrupted", e);
            }
        };
    }

    /** What a failed task threw, as something that may be thrown here. */
    static RuntimeException unwrapped(Throwable cause) {
        return switch (cause) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            case InterruptedException e -> new Failure(Failure.Kind.CANCELLED, "interrupted", e);
            default -> Failure.internal(String.valueOf(cause.getMessage()), cause);
        };
    }
}
