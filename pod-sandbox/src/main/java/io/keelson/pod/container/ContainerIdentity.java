package io.keelson.pod.container;

import io.keelson.pod.Pod;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whose container it is, in the annotations of its OCI configuration that runtimes with virtual machines, vendors' hooks and
 * monitoring agents read. containerd has set them for years, and so their names are what such tools know.
 */
final class ContainerIdentity {
    private static final String PREFIX = "io.kubernetes.cri.";

    private ContainerIdentity() {}

    static Map<String, String> annotations(Pod pod, ContainerConfig config) {
        var metadata = pod.spec().metadata();
        var annotations = new TreeMap<String, String>();
        annotations.put(PREFIX + "container-type", "container");
        annotations.put(PREFIX + "container-name", config.name());
        annotations.put(PREFIX + "image-name", imageName(config.image()));
        annotations.put(PREFIX + "sandbox-id", pod.id().hex());
        annotations.put(PREFIX + "sandbox-name", metadata.name());
        annotations.put(PREFIX + "sandbox-namespace", metadata.namespace());
        annotations.put(PREFIX + "sandbox-uid", metadata.uid());
        return annotations;
    }

    /** As the user wrote it, where kubelet says so: it asks by the image's id. */
    private static String imageName(ImageSpec image) {
        return image.userSpecifiedImage().isEmpty() ? image.image() : image.userSpecifiedImage();
    }
}
