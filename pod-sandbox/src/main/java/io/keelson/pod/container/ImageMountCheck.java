package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.Texts;
import io.keelson.pod.container.ContainerMount.Propagation;
import io.keelson.pod.namespace.UserNamespace;
import java.util.List;
import java.util.Optional;

/** Refuses mounts of images that contradict themselves, or that ask for what an image cannot be: writable, or partly the host's. */
final class ImageMountCheck {
    private final ContainerMount mount;

    private ImageMountCheck(ContainerMount mount) {
        this.mount = mount;
    }

    /**
     * @param ownUser the user namespace of the pod
     * @throws Failure INVALID; who calls says of which mount
     */
    static void check(ContainerMount mount, Optional<UserNamespace> ownUser) {
        var check = new ImageMountCheck(mount);
        check.require(!mount.image().orElseThrow().image().isEmpty(), "it names no image");
        check.require(mount.hostPath().isEmpty(), "it has a path on the host as well");
        check.require(mount.isReadonly(), "an image can only be mounted read-only");
        check.require(mount.propagation() == Propagation.PRIVATE, "an image takes no part in propagation");
        check.subPath();
        check.mappings(ownUser);
    }

    private void subPath() {
        var path = mount.imageSubPath();
        var isPlain = !path.startsWith("/")
                && path.indexOf('\0') < 0
                && !List.of(path.split("/", -1)).contains("..");
        require(isPlain, "the path in the image is not a plain relative one");
    }

    /** The image's owners are mapped as those of the container's own root file system are, and in no other way. */
    private void mappings(Optional<UserNamespace> ownUser) {
        var isNone = mount.uidMappings().isEmpty() && mount.gidMappings().isEmpty();
        var isOfPod = ownUser.filter(user ->
                        user.uids().equals(mount.uidMappings()) && user.gids().equals(mount.gidMappings()))
                .isPresent();
        require(isNone || isOfPod, "its ids are mapped otherwise than those of the pod");
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw Failure.invalid(otherwise);
        }
    }

    /** For messages. */
    static String where(ContainerMount mount) {
        var image = mount.image().map(ImageSpec::image).orElse("");
        var of = mount.imageSubPath().isEmpty() ? "" : Texts.quoted(mount.imageSubPath()) + " of ";
        return "mount of " + of + "image " + Texts.quoted(image) + " at " + Texts.quoted(mount.containerPath());
    }
}
