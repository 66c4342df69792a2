package io.keelson.image;

import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import java.util.Optional;

/** Which image is wanted, and who asks. */
public record PullRequest(ImageReference reference, Optional<Credentials> credentials) {
    public static PullRequest anonymous(String reference) {
        return new PullRequest(ImageReference.parse(reference), Optional.empty());
    }
}
