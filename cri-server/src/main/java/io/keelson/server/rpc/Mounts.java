package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.pod.container.ContainerMount;
import io.keelson.pod.container.ContainerMount.Propagation;
import io.keelson.pod.container.ImageSpec;
import io.keelson.proto.Mount;
import io.keelson.proto.MountPropagation;
import java.util.Optional;

/** Between CRI's mounts and ours; what comes back is what was asked for. */
final class Mounts {
    private Mounts() {}

    static ContainerMount of(Mount mount) {
        return new ContainerMount(
                mount.getContainerPath(),
                mount.getHostPath(),
                mount.getReadonly(),
                mount.getSelinuxRelabel(),
                propagation(mount.getPropagation()),
                mount.getRecursiveReadOnly(),
                Securities.mappings(mount.getUidMappingsList()),
                Securities.mappings(mount.getGidMappingsList()),
                mount.hasImage() ? Optional.of(image(mount.getImage())) : Optional.empty(),
                mount.getImageSubPath(),
                mount.getMountOptionsList());
    }

    static Mount wire(ContainerMount mount) {
        var result = Mount.newBuilder()
                .setContainerPath(mount.containerPath())
                .setHostPath(mount.hostPath())
                .setReadonly(mount.isReadonly())
                .setSelinuxRelabel(mount.selinuxRelabel())
                .setPropagation(propagation(mount.propagation()))
                .setRecursiveReadOnly(mount.isRecursivelyReadonly())
                .addAllUidMappings(Securities.wireMappings(mount.uidMappings()))
                .addAllGidMappings(Securities.wireMappings(mount.gidMappings()))
                .setImageSubPath(mount.imageSubPath())
                .addAllMountOptions(mount.options());
        mount.image().ifPresent(image -> result.setImage(wire(image)));
        return result.build();
    }

    static ImageSpec image(io.keelson.proto.ImageSpec image) {
        return new ImageSpec(
                image.getImage(),
                image.getAnnotationsMap(),
                image.getUserSpecifiedImage(),
                image.getRuntimeHandler(),
                image.getImageRef());
    }

    static io.keelson.proto.ImageSpec wire(ImageSpec image) {
        return io.keelson.proto.ImageSpec.newBuilder()
                .setImage(image.image())
                .putAllAnnotations(image.annotations())
                .setUserSpecifiedImage(image.userSpecifiedImage())
                .setRuntimeHandler(image.runtimeHandler())
                .setImageRef(image.imageRef())
                .build();
    }

    private static Propagation propagation(MountPropagation propagation) {
        return switch (propagation) {
            case PROPAGATION_PRIVATE -> Propagation.PRIVATE;
            case PROPAGATION_HOST_TO_CONTAINER -> Propagation.HOST_TO_CONTAINER;
            case PROPAGATION_BIDIRECTIONAL -> Propagation.BIDIRECTIONAL;
            case UNRECOGNIZED -> throw Failure.invalid("the request asks for a mount propagation that does not exist");
        };
    }

    private static MountPropagation propagation(Propagation propagation) {
        return switch (propagation) {
            case PRIVATE -> MountPropagation.PROPAGATION_PRIVATE;
            case HOST_TO_CONTAINER -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case BIDIRECTIONAL -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
        };
    }
}
