package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.pod.container.ContainerMount.Propagation;
import java.util.List;
import java.util.Set;

/** Refuses mounts that contradict themselves, or that the runtime would leave out or make otherwise than asked for. */
final class MountCheck {
    /** What {@code mount_options} may ask for (CRI v1, Mount): options that take something away, and never give. */
    static final Set<String> OPTIONS = Set.of("nodev", "noexec", "nosuid");

    private final ContainerMount mount;
    private final RuntimeFeatures runtime;

    private MountCheck(ContainerMount mount, RuntimeFeatures runtime) {
        this.mount = mount;
        this.runtime = runtime;
    }

    /** @throws Failure INVALID */
    static void check(ContainerMount mount, RuntimeFeatures runtime) {
        var check = new MountCheck(mount, runtime);
        check.require(mount.imageSubPath().isEmpty(), "it has a path in an image, and no image");
        check.require(
                OPTIONS.containsAll(mount.options()),
                "options " + printable(mount.options().toString()) + " are not all of nodev, noexec and nosuid");
        check.paths();
        check.recursiveReadOnly();
        check.mappings();
    }

    private void paths() {
        require(
                mount.hostPath().startsWith("/") && !hasNul(mount.hostPath()),
                "the path on the host is not a plain absolute one");
        require(
                !hasNul(mount.containerPath())
                        && !List.of(mount.containerPath().split("/", -1)).contains(".."),
                "the path in the container is not plain");
    }

    /** What appears below it later would be writable (CRI v1, {@code recursive_read_only}). */
    private void recursiveReadOnly() {
        if (mount.isRecursivelyReadonly()) {
            require(mount.isReadonly(), "it cannot be read-only recursively and not read-only");
            require(
                    mount.propagation() == Propagation.PRIVATE,
                    "it cannot be read-only recursively and take part in propagation");
            require(
                    runtime.recursiveReadOnlyMounts(),
                    "recursive read-only mounts are not supported by " + runtime.version());
        }
    }

    private void mappings() {
        if (mount.uidMappings().isEmpty() && mount.gidMappings().isEmpty()) {
            return;
        }
        require(
                !mount.uidMappings().isEmpty() && !mount.gidMappings().isEmpty(),
                "either uids or gids are mapped, and not both");
        require(runtime.idMappedMounts(), "mounts with mapped ids are not supported by " + runtime.version());
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw Failure.invalid(where(mount) + ": " + otherwise);
        }
    }

    /** For messages. */
    static String where(ContainerMount mount) {
        return "mount of \"" + printable(mount.hostPath()) + "\" at \"" + printable(mount.containerPath()) + "\"";
    }

    private static boolean hasNul(String path) {
        return path.indexOf('\0') >= 0;
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
