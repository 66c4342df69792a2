package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.PartialBlob;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.PartsPlace;
import io.keelson.image.transfer.PullProgress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Room on disk for the pulls that run: what each has yet to fetch is set aside, so that one that cannot fit is refused before its first
 * layer begins. A layer takes at least as much room as its blob has bytes; how much more is known when it is there, so that a disk may
 * still turn out to be too small. A layer that comes in parts takes the room of its blob once more, as long as it is fetched; where that
 * is not there, it comes as one stream.
 */
final class PullSpace {
    private final LongSupplier freeBytes;
    private final Runnable removals;
    private final Predicate<Digest> isMissing;
    private final LongSupplier partsBytes;
    private final Set<PullProgress> pulls = new HashSet<>();

    /**
     * @param removals returns when what is being removed has given its room back
     * @param isMissing whether a layer has to be fetched at all
     * @param partsBytes what the blobs that come in parts will still take
     */
    PullSpace(LongSupplier freeBytes, Runnable removals, Predicate<Digest> isMissing, LongSupplier partsBytes) {
        this.partsBytes = partsBytes;
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
        try {
            requireRoom("its layers take", before);
        } catch (Failure e) {
            pulls.remove(pull);
            throw e;
        }
        return () -> release(pull);
    }

    /** As {@link PartsPlace.Room} says. */
    synchronized Optional<PartialBlob> forParts(Supplier<Optional<PartialBlob>> take) {
        var before = outstanding();
        var taken = take.get();
        try {
            requireRoom("its parts take", before);
            return taken;
        } catch (Failure e) {
            taken.ifPresent(PartialBlob::close);
            throw e;
        }
    }

    private void requireRoom(String what, long before) {
        var after = outstanding();
        var free = freeBytes.getAsLong();
        if (after > free) {
            removals.run();
            free = freeBytes.getAsLong();
        }
        if (after > before && after > free) {
            throw Failure.exhausted("the disk is too full: " + what + " at least " + (after - before)
                    + " bytes more, and of " + free + " free bytes other pulls will take " + before);
        }
    }

    private synchronized void release(PullProgress pull) {
        pulls.remove(pull);
    }

    /** A layer that several pulls want is fetched once. */
    private long outstanding() {
        var layers = new HashMap<Digest, Long>();
        pulls.forEach(pull -> pull.outstanding().forEach((diffId, bytes) -> layers.merge(diffId, bytes, Math::min)));
        return partsBytes.getAsLong()
                + layers.entrySet().stream()
                        .filter(layer -> isMissing.test(layer.getKey()))
                        .mapToLong(layer -> layer.getValue())
                        .sum();
    }
}
