package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.image.HeldImage;
import io.keelson.image.ImageCatalog;
import io.keelson.pod.Pod;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The images that a container mounts (CRI v1, Mount.image), found when this is made and held until it is closed: for the time until
 * the container's record names their layers. What begins with {@value #WORD} is how kubelet recognises trouble with them.
 */
final class ImageVolumes implements AutoCloseable {
    static final String WORD = "ImageVolumeMountFailed";

    private final ContainerConfig config;
    private final SortedMap<Integer, HeldImage> images = new TreeMap<>();

    private interface Step<T> {
        T run();
    }

    /** @throws Failure INVALID for a mount that contradicts itself, ABSENT for an image that is not on this node */
    ImageVolumes(ImageCatalog catalog, Pod pod, ContainerConfig config) {
        this.config = config;
        try {
            for (var number = 0; number < config.mounts().size(); number++) {
                var mount = config.mounts().get(number);
                if (mount.image().isPresent()) {
                    images.put(number, during(mount, () -> hold(catalog, pod, mount)));
                }
            }
        } catch (Failure e) {
            close();
            throw e;
        }
    }

    private static HeldImage hold(ImageCatalog catalog, Pod pod, ContainerMount mount) {
        ImageMountCheck.check(mount, PodIds.ownUser(pod));
        return catalog.hold(mount.image().orElseThrow().image())
                .orElseThrow(() -> Failure.absent("the image is not on this node"));
    }

    /** What the container's record says of them. */
    List<MountedImage> mounted() {
        return images.entrySet().stream()
                .map(entry -> MountedImage.of(entry.getKey(), entry.getValue().image()))
                .toList();
    }

    /**
     * Mounts them below the container's directory.
     *
     * @return the configuration with the mounted trees, or what is asked for of them, in the place of images
     */
    ContainerConfig mount(ContainerRoots roots, Path containerDirectory, PodIds ids, Pod pod) {
        if (images.isEmpty()) {
            return config;
        }
        var mounts = new ArrayList<>(config.mounts());
        images.forEach((number, held) -> {
            var mount = mounts.get(number);
            var source = during(
                    mount,
                    () -> roots.mountImage(
                            held.layers(), containerDirectory, number, mount.imageSubPath(), ids.map(pod)));
            mounts.set(number, mount.from(source));
        });
        return config.withMounts(mounts);
    }

    private static <T> T during(ContainerMount mount, Step<T> step) {
        try {
            return step.run();
        } catch (Failure e) {
            throw new Failure(e.kind(), WORD + ": " + ImageMountCheck.where(mount) + ": " + e.getMessage(), e);
        }
    }

    /** As {@link Failure#during}, with kubelet's word still in front. */
    static Failure during(Failure failure, String attempt) {
        var message = String.valueOf(failure.getMessage());
        return message.startsWith(WORD)
                ? new Failure(failure.kind(), WORD + ": " + attempt + message.substring(WORD.length()), failure)
                : failure.during(attempt);
    }

    @Override
    public void close() {
        images.values().forEach(HeldImage::close);
    }
}
