package io.keelson.image;

import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import java.util.function.Supplier;

/** Brings images from registries. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow with the next commits
public final class ImagePuller {
    /** @param registries asked at each pull, so that a changed file counts from then on */
    public ImagePuller(
            ImageCatalog catalog,
            LayerStore layers,
            LayerConverter converter,
            RegistryClient client,
            Supplier<RegistryConfiguration> registries,
            PullSettings settings) {}

    /**
     * The image is whole and durable when this returns. An interrupt of the caller stops the work, unless others wait for the same.
     *
     * @throws io.keelson.host.failure.Failure UNAVAILABLE beginning with {@code RegistryUnavailable: } if no registry answered;
     *     UNAUTHENTICATED, DENIED, ABSENT as the registry says; INVALID for an image that can never run here; EXHAUSTED for one
     *     beyond the limits
     */
    public ImageId pull(PullRequest request) {
        throw new UnsupportedOperationException("not yet");
    }
}
