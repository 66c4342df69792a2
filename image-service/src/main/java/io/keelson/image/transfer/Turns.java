package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Whose layer is next, of all pulls. The pull with the fewest layers under way goes first, and of several the one that has waited
 * longest, so that an image of many layers does not keep out one of few. One more place is for small layers alone: those never wait for
 * the end of a large one.
 */
final class Turns {
    /** Of a layer that is small. */
    static final long SMALL_BYTES = 16 << 20;

    private final class Waiting {
        final Object pull;
        final boolean isSmall;
        final Condition changed = lock.newCondition();
        boolean hasTurn;
        boolean isExtra;

        Waiting(Object pull, boolean isSmall) {
            this.pull = pull;
            this.isSmall = isSmall;
        }
    }

    /** Until closed. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Waiting> queue = new ArrayList<>();
    private final Map<Object, Integer> underWay = new HashMap<>();
    private int free;
    private boolean isExtraFree = true;

    /** @param places besides the one for small layers */
    Turns(int places) {
        free = places;
    }

    /**
     * Waits for it.
     *
     * @param pull whose layer it is; the same object for all of its layers
     * @throws Failure CANCELLED for an interrupt
     */
    Turn take(Object pull, long blobBytes) {
        lock.lock();
        try {
            var mine = new Waiting(pull, blobBytes <= SMALL_BYTES);
            queue.add(mine);
            giveTurns();
            await(mine);
            return () -> end(mine);
        } finally {
            lock.unlock();
        }
    }

    /** How many wait. */
    int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private void await(Waiting mine) {
        try {
            while (!mine.hasTurn) {
                mine.changed.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (mine.hasTurn) {
                end(mine);
            } else {
                queue.remove(mine);
            }
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for its turn", e);
        }
    }

    private void end(Waiting mine) {
        lock.lock();
        try {
            underWay.computeIfPresent(mine.pull, (_, count) -> count > 1 ? count - 1 : null);
            if (mine.isExtra) {
                isExtraFree = true;
            } else {
                free++;
            }
            giveTurns();
        } finally {
            lock.unlock();
        }
    }

    private void giveTurns() {
        for (var next = next(_ -> true); free > 0 && next.isPresent(); next = next(_ -> true)) {
            free--;
            give(next.get(), false);
        }
        var small = next(waiting -> waiting.isSmall);
        if (isExtraFree && small.isPresent()) {
            isExtraFree = false;
            give(small.get(), true);
        }
    }

    private void give(Waiting next, boolean isExtra) {
        queue.remove(next);
        underWay.merge(next.pull, 1, Integer::sum);
        next.isExtra = isExtra;
        next.hasTurn = true;
        next.changed.signal();
    }

    /** The queue is in the order of coming, and of equals the first is taken. */
    private Optional<Waiting> next(Predicate<Waiting> who) {
        return queue.stream()
                .filter(who)
                .min(Comparator.comparingInt(waiting -> underWay.getOrDefault(waiting.pull, 0)));
    }
}
