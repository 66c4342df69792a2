package io.keelson.host.lifecycle;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Work that several callers want at the same time is done once, for all of them. It runs on a virtual thread of its own,
 * not on the first caller's: a caller that is interrupted leaves, and the work goes on for the others. When the last
 * caller has left, it depends: the work is interrupted, and whoever comes then waits for its end and starts anew; or it goes on
 * ({@link #goingOn}), and whoever comes before its end joins it.
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
    private final boolean goesOn;

    public SingleFlight() {
        this(false);
    }

    private SingleFlight(boolean goesOn) {
        this.goesOn = goesOn;
    }

    /** Work that is worth finishing though nobody waits for it any more. */
    public static <K, V> SingleFlight<K, V> goingOn() {
        return new SingleFlight<>(true);
    }

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
            } catch (CancellationException e) {
                throw new Failure(Failure.Kind.CANCELLED, "the work on " + key + " was ended", e);
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
        if (--flight.callers == 0 && !goesOn && !flight.task.isDone() && flights.get(key) == flight) {
            abandon(flight);
        }
    }

    private static void abandon(Flight<?> flight) {
        flight.abandoned = true;
        flight.task.cancel(true);
    }

    /**
     * Interrupts all work, also what others wait for, and waits until it has ended, or until the deadline: for the end of the
     * program. What is begun afterwards is not affected.
     */
    public void interruptAll(Deadline deadline) {
        List<Flight<V>> interrupted;
        synchronized (this) {
            interrupted = List.copyOf(flights.values());
            interrupted.forEach(SingleFlight::abandon);
        }
        try {
            for (var flight : interrupted) {
                var _ = flight.ended.await(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
