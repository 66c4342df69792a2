package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.ManifestDocument.Manifest;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.RegistrySession;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import io.keelson.image.transfer.ManifestResolver;
import io.keelson.image.transfer.PullProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings one part of an image again, from any repository that the image is known by. */
final class ImageRepair {
    private final ImageCatalog catalog;
    private final ImagePuller puller;

    ImageRepair(ImageCatalog catalog, ImagePuller puller) {
        this.catalog = catalog;
        this.puller = puller;
    }

    /** @throws Failure of the last attempt, or ABSENT if no image says where the layer comes from */
    void layer(Digest diffId) {
        try (var _ = catalog.lease(List.of(diffId))) {
            Optional<Failure> last = Optional.empty();
            for (var image : catalog.list()) {
                var wanted = wanted(image, diffId);
                if (wanted.isPresent()) {
                    var failed = fromEach(
                            image,
                            session -> puller.fetcher().fetch(session, List.of(wanted.get()), new PullProgress()));
                    if (failed.isEmpty()) {
                        return;
                    }
                    last = failed;
                }
            }
            throw last.orElseGet(() -> Failure.absent("no image here says where it comes from"));
        }
    }

    /** The layer's blob, by the image's manifest. */
    private Optional<Wanted> wanted(ImageRecord image, Digest diffId) {
        var at = image.diffIds().indexOf(diffId);
        return at < 0
                ? Optional.empty()
                : catalog.manifest(image)
                        .map(Manifest::layers)
                        .filter(blobs -> blobs.size() == image.diffIds().size())
                        .map(blobs -> new Wanted(blobs.get(at), diffId));
    }

    /** @throws Failure of the last attempt */
    void document(ImageRecord image, Digest digest) {
        var isConfig = digest.equals(image.id().digest());
        fromEach(image, session -> {
                    var bytes = isConfig
                            ? config(session, image)
                            : session.manifest(digest).bytes();
                    catalog.write(Map.of(digest, bytes));
                })
                .ifPresent(failed -> {
                    throw failed;
                });
    }

    private byte[] config(RegistrySession session, ImageRecord image) {
        var config = catalog.manifest(image)
                .map(Manifest::config)
                .orElseThrow(() -> Failure.absent("its manifest is damaged as well"));
        return session.blob(config.digest(), config.sizeBytes(), ManifestResolver.MAX_CONFIG_BYTES);
    }

    /** Until one has it: empty, or why the last one has not. */
    private Optional<Failure> fromEach(ImageRecord image, Consumer<RegistrySession> attempt) {
        var last = Optional.of(Failure.absent("the image has no name with a registry"));
        for (var name : image.repoDigests()) {
            try {
                attempt.accept(puller.open(new PullRequest(ImageReference.parse(name), Optional.empty())));
                return Optional.empty();
            } catch (Failure e) {
                if (e.kind() == Failure.Kind.CANCELLED) {
                    throw e;
                }
                last = Optional.of(e);
            }
        }
        return last;
    }
}
