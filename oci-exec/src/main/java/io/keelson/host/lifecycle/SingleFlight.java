package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work that several callers want at the same time is done once, for all of them. It runs on a virtual thread of its own,
 * not on the first caller's: a caller that is interrupted leaves, and the work goes on for the others. When the last
 * caller has left, the work is interrupted, and whoever comes then waits for its end and starts anew.
 */
public final class SingleFlight<K, V> {
    private static final class Flight<V> {
        final FutureTask<V> task;
        final CountDownLatch ended = new CountDownLatch(1);
        int callers = 1;
        volatile boolean abandoned;

        Flight(Supplier<V> work) {
            task = new FutureTask<>(work::get);
        }
    }

    private final Map<K, Flight<V>> flights = new ConcurrentHashMap<>();

    /**
     * The result of the work under {@code key}, begun by this call or by an earlier one that has not ended. What the work
     * throws reaches every caller. A caller's interrupt is thrown as {@link Failure.Kind#CANCELLED} with the flag restored.
     */
    public V run(K key, Supplier<V> work) {
        while (true) {
            var flight = join(key, work);
            try {
                if (flight.abandoned) {
                    flight.ended.await();
                    continue;
                }
                return flight.task.get();
            } catch (ExecutionException e) {
                throw Forks.unwrapped(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + key, e);
            } finally {
                leave(key, flight);
            }
        }
    }

    /** Whether work under this key is under way. */
    public boolean isFlying(K key) {
        return flights.containsKey(key);
    }

    private synchronized Flight<V> join(K key, Supplier<V> work) {
        var existing = flights.get(key);
        // What has ended is the answer to those who were there, not to a retry that came before it was removed.
        if (existing != null && (existing.abandoned || !existing.task.isDone())) {
            existing.callers++;
            return existing;
        }
        var flight = new Flight<V>(work);
        flights.put(key, flight);
        Thread.ofVirtual().name("flight-" + key).start(() -> {
            try {
                flight.task.run();
            } finally {
                remove(key, flight);
                flight.ended.countDown();
            }
        });
        return flight;
    }

    private synchronized void remove(K key, Flight<V> flight) {
        flights.remove(key, flight);
    }

    private synchronized void leave(K key, Flight<V> flight) {
        if (--flight.callers == 0 && !flight.task.isDone() && flights.get(key) == flight) {
            flight.abandoned = true;
            flight.task.cancel(true);
        }
    }
}
