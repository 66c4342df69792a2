package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImageRecord;
import io.keelson.image.PullRequest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import io.keelson.image.rootfs.ImageUser;
import io.keelson.proto.AuthConfig;
import io.keelson.proto.Image;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusResponse;
import io.keelson.proto.Int64Value;
import io.keelson.proto.ListImagesResponse;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.StreamImagesResponse;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Between CRI's images and ours. */
final class Images {
    private Images() {}

    /** What an image is named by, which must be something. */
    static String name(ImageSpec image) {
        if (image.getImage().isEmpty()) {
            throw Failure.invalid("the request names no image");
        }
        return image.getImage();
    }

    /**
     * @param fullNames what names as users write them stand for
     * @param handlers names of runtime handlers; images are the same for all of them
     */
    static PullRequest pull(PullImageRequest request, UnaryOperator<String> fullNames, Set<String> handlers) {
        var name = fullNames.apply(name(request.getImage()));
        var handler = request.getImage().getRuntimeHandler();
        if (!handler.isEmpty() && !handlers.contains(handler)) {
            throw Failure.invalid("there is no runtime handler \"" + handler + "\"");
        }
        return new PullRequest(
                ImageReference.parse(name), request.hasAuth() ? credentials(request.getAuth()) : Optional.empty());
    }

    private static Optional<Credentials> credentials(AuthConfig auth) {
        if (auth.equals(AuthConfig.getDefaultInstance())) {
            return Optional.empty();
        }
        for (var value : List.of(
                auth.getUsername(),
                auth.getPassword(),
                auth.getAuth(),
                auth.getIdentityToken(),
                auth.getRegistryToken(),
                auth.getServerAddress())) {
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw Failure.invalid("the credentials have control characters in them");
            }
        }
        return Optional.of(Credentials.of(
                auth.getUsername(),
                auth.getPassword(),
                auth.getAuth(),
                auth.getIdentityToken(),
                auth.getRegistryToken(),
                auth.getServerAddress()));
    }

    static ListImagesResponse list(List<ImageRecord> images, Predicate<ImageRecord> pinned) {
        return ListImagesResponse.newBuilder()
                .addAllImages(Pages.whole(images.stream().map(image -> image(image, pinned)), "StreamImages"))
                .build();
    }

    static Iterator<StreamImagesResponse> stream(List<ImageRecord> images, Predicate<ImageRecord> pinned) {
        return Pages.of(
                images.stream().map(image -> image(image, pinned)),
                page -> StreamImagesResponse.newBuilder().addAllImages(page).build());
    }

    /** That there is no such image is an answer, not a failure. */
    static ImageStatusResponse status(
            ImageCatalog catalog, String name, Predicate<ImageRecord> pinned, boolean verbose) {
        var response = ImageStatusResponse.newBuilder();
        catalog.find(name).ifPresent(image -> {
            response.setImage(image(image, pinned));
            if (verbose) {
                response.putInfo("info", new String(details(catalog, image).toBytes(), StandardCharsets.UTF_8));
            }
        });
        return response.build();
    }

    private static Json details(ImageCatalog catalog, ImageRecord image) {
        var details = Json.object().put("imageSpec", Json.parse(catalog.rawConfig(image)));
        catalog.lastPull(image).ifPresent(pull -> details.put("lastPull", pull));
        return details.build();
    }

    static Image image(ImageRecord image, Predicate<ImageRecord> pinned) {
        var result = Image.newBuilder()
                .setId(image.id().toString())
                .addAllRepoTags(image.repoTags())
                .addAllRepoDigests(image.repoDigests())
                .setSize(image.sizeBytes())
                .setPinned(pinned.test(image));
        user(result, image.config().user());
        return result.build();
    }

    /** Read as it is read when a container is made, since kubelet lets images run as non-root by what this says (CVE-2026-46680). */
    private static void user(Image.Builder result, String text) {
        ImageUser user;
        try {
            user = ImageUser.parse(text);
        } catch (Failure e) {
            // No container is ever made of it. As a name it is nobody whom kubelet could take for a number.
            result.setUsername(text);
            return;
        }
        if (!user.user().isEmpty() && user.uid().isPresent()) {
            result.setUid(Int64Value.newBuilder().setValue(user.uid().getAsLong()));
        } else {
            result.setUsername(user.username());
        }
    }
}
