package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImagePuller;
import io.keelson.image.ImageRecord;
import io.keelson.image.ImageRemover;
import io.keelson.proto.ImageFsInfoRequest;
import io.keelson.proto.ImageFsInfoResponse;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.ImageStatusResponse;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListImagesResponse;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.PullImageResponse;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.RemoveImageResponse;
import io.keelson.proto.StreamImagesRequest;
import io.keelson.proto.StreamImagesResponse;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Images: the table of contents. A call that is not here answers UNIMPLEMENTED. */
public final class ImageCalls extends ImageServiceGrpc.ImageServiceImplBase {
    private final Calls calls;
    private final ImageCatalog catalog;
    private final ImagePuller puller;
    private final ImageRemover remover;
    private final ImageSpace space;
    private final UnaryOperator<String> fullNames;
    private final Set<String> handlers;
    private final Predicate<ImageRecord> pinned;

    /** @param fullNames what names as users write them stand for */
    public ImageCalls(
            Calls calls,
            ImageCatalog catalog,
            ImagePuller puller,
            ImageRemover remover,
            ImageSpace space,
            UnaryOperator<String> fullNames,
            Set<String> handlers,
            Predicate<ImageRecord> pinned) {
        this.calls = calls;
        this.catalog = catalog;
        this.puller = puller;
        this.remover = remover;
        this.space = space;
        this.fullNames = fullNames;
        this.handlers = handlers;
        this.pinned = pinned;
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> response) {
        calls.change(
                "PullImage",
                Attempt.to("pull image", request.getImage().getImage()),
                response,
                () -> PullImageResponse.newBuilder()
                        .setImageRef(puller.pull(Images.pull(request, fullNames, handlers))
                                .toString())
                        .build());
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> response) {
        calls.reply(
                Attempt.to("list images"),
                response,
                () -> Images.list(matching(request.getFilter().getImage().getImage()), pinned));
    }

    @Override
    public void streamImages(StreamImagesRequest request, StreamObserver<StreamImagesResponse> response) {
        calls.stream(
                Attempt.to("list images"),
                response,
                () -> Images.stream(matching(request.getFilter().getImage().getImage()), pinned));
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> response) {
        calls.reply(
                Attempt.to("tell the status of image", request.getImage().getImage()),
                response,
                () -> Images.status(
                        catalog, fullNames.apply(Images.name(request.getImage())), pinned, request.getVerbose()));
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> response) {
        calls.change(
                "RemoveImage", Attempt.to("remove image", request.getImage().getImage()), response, () -> {
                    remover.remove(fullNames.apply(Images.name(request.getImage())));
                    return RemoveImageResponse.getDefaultInstance();
                });
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> response) {
        calls.reply(Attempt.to("measure the images"), response, space::response);
    }

    private List<ImageRecord> matching(String name) {
        return name.isEmpty()
                ? catalog.list()
                : catalog.find(fullNames.apply(name)).stream().toList();
    }
}
