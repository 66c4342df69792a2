package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.FilesystemIdentifier;
import io.keelson.proto.FilesystemUsage;
import io.keelson.proto.ImageFsInfoRequest;
import io.keelson.proto.ImageFsInfoResponse;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.UInt64Value;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** Images: the table of contents. A call that is not here answers UNIMPLEMENTED. */
public final class ImageCalls extends ImageServiceGrpc.ImageServiceImplBase {
    private final Calls calls;
    private final ImageSpace space;

    /**
     * How much room images take, from counters.
     *
     * @param root a directory on the file system that holds them; kubelet asks the kernel for that one's size
     */
    public record ImageSpace(Path root, LongSupplier usedBytes, LongSupplier usedInodes) {
        private ImageFsInfoResponse response() {
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

    public ImageCalls(Calls calls, ImageSpace space) {
        this.calls = calls;
        this.space = space;
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> response) {
        calls.reply(response, space::response);
    }
}
