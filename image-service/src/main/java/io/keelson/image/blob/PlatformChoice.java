package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Which of an index's entries is for this machine. */
public final class PlatformChoice {
    private static final int UNKNOWN = Integer.MAX_VALUE;
    private static final int UNFIT = -1;

    private final HostPlatform host;

    public PlatformChoice(HostPlatform host) {
        this.host = host;
    }

    /**
     * The entry with the best platform; of those that name none, an index or an image's manifest, the first.
     *
     * @throws Failure INVALID naming the platforms that there are
     */
    public ManifestDocument.Entry among(ManifestDocument.Index index) {
        return index.entries().stream()
                .filter(entry -> entry.mayBeImage() && rank(entry) != UNFIT)
                .min(Comparator.comparingInt(this::rank))
                .orElseThrow(() -> Failure.invalid("no image for " + host + "; there are "
                        + index.entries().stream()
                                .flatMap(entry -> entry.platform().stream())
                                .filter(platform -> !platform.isUnknown())
                                .map(Platform::toString)
                                .distinct()
                                .limit(20)
                                .collect(Collectors.joining(", "))));
    }

    private int rank(ManifestDocument.Entry entry) {
        return entry.platform()
                .map(platform -> host.rank(platform).orElse(UNFIT))
                .orElse(UNKNOWN);
    }

    /** @throws Failure INVALID if an image whose config says this cannot run here; one that says nothing may */
    public void check(Platform config) {
        var said = !config.os().isEmpty()
                || !config.architecture().isEmpty()
                || !config.features().isEmpty();
        if (said && host.rank(config).isEmpty()) {
            throw Failure.invalid("image is for " + config + ", and this machine is " + host);
        }
    }
}
