package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.PullProgress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Room on disk for the pulls that run: what each has yet to fetch is set aside, so that one that cannot fit is refused before its first
 * layer begins. A layer takes at least as much room as its blob has bytes; how much more is known when it is there, so that a disk may
 * still turn out to be too small.
 */
final class PullSpace {
    private final LongSupplier freeBytes;
    private final Runnable removals;
    private final Predicate<Digest> isMissing;
    private final Set<PullProgress> pulls = new HashSet<>();

    /**
     * @param removals returns when what is being removed has given its room back
     * @param isMissing whether a layer has to be fetched at all
     */
    PullSpace(LongSupplier freeBytes, Runnable removals, Predicate<Digest> isMissing) {
        this.freeBytes = freeBytes;
        this.removals = removals;
        this.isMissing = isMissing;
    }

    /** Until closed. */
    interface Reserved extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws Failure EXHAUSTED if the disk has no room for this pull beside those that run */
    synchronized Reserved reserve(PullProgress pull) {
        var before = outstanding();
        pulls.add(pull);
        var after = outstanding();
        var free = freeBytes.getAsLong();
        if (after > free) {
            removals.run();
            free = freeBytes.getAsLong();
        }
        if (after > before && after > free) {
            pulls.remove(pull);
            throw Failure.exhausted("the disk is too full: its layers take at least " + (after - before)
                    + " bytes more, and of " + free + " free bytes other pulls will take " + before);
        }
        return () -> release(pull);
    }

    private synchronized void release(PullProgress pull) {
        pulls.remove(pull);
    }

    /** A layer that several pulls want is fetched once. */
    private long outstanding() {
        var layers = new HashMap<Digest, Long>();
        pulls.forEach(pull -> pull.outstanding().forEach((diffId, bytes) -> layers.merge(diffId, bytes, Math::min)));
        return layers.entrySet().stream()
                .filter(layer -> isMissing.test(layer.getKey()))
                .mapToLong(layer -> layer.getValue())
                .sum();
    }
}
