package io.keelson.image.transfer;

import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.PartialBlob;
import io.keelson.image.blob.PartialBlobs;
import java.util.Optional;
import java.util.function.Supplier;

/** Where blobs are kept that come in parts, as long as there is room for them beside what pulls have set aside. */
public record PartsPlace(PartialBlobs blobs, Room room, RangeSettings settings) {
    /** Room on the disk. */
    @FunctionalInterface
    public interface Room {
        /**
         * What was taken, when there is room for what is missing of it.
         *
         * @throws io.keelson.host.failure.Failure EXHAUSTED without room; nothing is taken then
         */
        Optional<PartialBlob> within(Supplier<Optional<PartialBlob>> take);
    }

    Optional<PartialBlob> take(Descriptor blob) {
        return room.within(() -> blobs.take(blob.digest(), blob.sizeBytes(), settings.partBytes()));
    }

    boolean has(Descriptor blob) {
        return blobs.has(blob.digest(), blob.sizeBytes());
    }

    /** What is here of it is of no more use. Somebody who fetches it just now keeps it. */
    void discard(Descriptor blob) {
        blobs.take(blob.digest(), blob.sizeBytes(), settings.partBytes()).ifPresent(rest -> {
            rest.discard();
            rest.close();
        });
    }
}
