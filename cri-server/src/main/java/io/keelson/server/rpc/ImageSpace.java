package io.keelson.server.rpc;

import io.keelson.proto.FilesystemIdentifier;
import io.keelson.proto.FilesystemUsage;
import io.keelson.proto.ImageFsInfoResponse;
import io.keelson.proto.UInt64Value;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * How much room images take, from counters.
 *
 * @param root a directory on the file system that holds them; kubelet asks the kernel for that one's size
 */
public record ImageSpace(Path root, LongSupplier usedBytes, LongSupplier usedInodes) {
    ImageFsInfoResponse response() {
        var place = FilesystemUsage.newBuilder()
                .setTimestamp(Times.now())
                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(root.toString()));
        var images = place.clone()
                .setUsedBytes(UInt64Value.newBuilder().setValue(usedBytes.getAsLong()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(usedInodes.getAsLong()));
        // What containers write is on the same file system; its amount is in their statistics.
        return ImageFsInfoResponse.newBuilder()
                .addImageFilesystems(images)
                .addContainerFilesystems(place)
                .build();
    }
}
