package io.keelson.pod.container;

import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Something of the host, or an image, in a container (CRI v1, Mount).
 *
 * @param hostPath made as a directory if there is nothing; empty for an image's
 * @param options besides the others: {@code noexec}, {@code nodev}, {@code nosuid}
 */
public record ContainerMount(
        String containerPath,
        String hostPath,
        boolean isReadonly,
        boolean selinuxRelabel,
        Propagation propagation,
        boolean isRecursivelyReadonly,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        Optional<ImageSpec> image,
        String imageSubPath,
        List<String> options) {
    /** Which way mounts made later below it go (CRI v1, MountPropagation). */
    public enum Propagation {
        PRIVATE,
        HOST_TO_CONTAINER,
        BIDIRECTIONAL
    }

    public ContainerMount {
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
        options = List.copyOf(options);
    }

    /** The same with a tree of an image, which has neither devices nor programs that raise privileges: runtimes set flags anew. */
    ContainerMount from(Path source) {
        var flags = new LinkedHashSet<>(options);
        flags.addAll(List.of("nodev", "nosuid"));
        return new ContainerMount(
                containerPath,
                source.toString(),
                isReadonly,
                selinuxRelabel,
                propagation,
                isRecursivelyReadonly,
                List.of(),
                List.of(),
                Optional.empty(),
                "",
                List.copyOf(flags));
    }

    /** The same with the image known by this, where it is one. */
    ContainerMount withImageRef(String imageRef) {
        return new ContainerMount(
                containerPath,
                hostPath,
                isReadonly,
                selinuxRelabel,
                propagation,
                isRecursivelyReadonly,
                uidMappings,
                gidMappings,
                image.map(spec -> spec.withImageRef(imageRef)),
                imageSubPath,
                options);
    }

    /** A directory or file of the host, private. */
    public static ContainerMount bind(String hostPath, String containerPath, boolean isReadonly) {
        return new ContainerMount(
                containerPath,
                hostPath,
                isReadonly,
                false,
                Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                Optional.empty(),
                "",
                List.of());
    }
}
