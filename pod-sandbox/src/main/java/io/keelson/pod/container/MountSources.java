package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.SpecMount;
import io.keelson.pod.container.ContainerMount.Propagation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a request mounts from the host, resolved and with the options of mount(8). */
final class MountSources {
    /** What {@code mount_options} may ask for. */
    private static final Set<String> OPTIONS = Set.of("noexec", "nodev", "nosuid", "exec", "dev", "suid");

    private MountSources() {}

    /**
     * @throws Failure INVALID for what cannot be, or is not built: an image as a mount, mapped ids, recursive read-only
     */
    static SpecMount of(ContainerMount mount) {
        var where = "mount of \"" + printable(mount.hostPath()) + "\" at \"" + printable(mount.containerPath()) + "\"";
        if (mount.image().isPresent()) {
            throw Failure.invalid(where + ": images as mounts are not supported");
        }
        if (mount.isRecursivelyReadonly()) {
            throw Failure.invalid(where + ": recursive read-only mounts are not supported");
        }
        if (!mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty()) {
            throw Failure.invalid(where + ": mounts with mapped ids are not supported");
        }
        if (!OPTIONS.containsAll(mount.options())) {
            throw Failure.invalid(
                    where + ": options " + printable(mount.options().toString()) + " are not all of " + OPTIONS);
        }
        if (!mount.hostPath().startsWith("/") || hasNul(mount.hostPath())) {
            throw Failure.invalid(where + ": the path on the host is not a plain absolute one");
        }
        if (hasNul(mount.containerPath())
                || List.of(mount.containerPath().split("/", -1)).contains("..")) {
            throw Failure.invalid(where + ": the path in the container is not plain");
        }
        var options = new ArrayList<String>();
        options.add("rbind");
        options.add(propagation(mount.propagation()));
        options.add(mount.isReadonly() ? "ro" : "rw");
        options.addAll(mount.options());
        return new SpecMount(
                mount.containerPath(), "bind", source(where, mount.hostPath()).toString(), options);
    }

    private static boolean hasNul(String path) {
        return path.indexOf('\0') >= 0;
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static String propagation(Propagation propagation) {
        return switch (propagation) {
            case PRIVATE -> "rprivate";
            case HOST_TO_CONTAINER -> "rslave";
            case BIDIRECTIONAL -> "rshared";
        };
    }

    /** Links are followed on the host's side, and a path that is missing is made as a directory, as kubelet's users expect. */
    private static Path source(String where, String hostPath) {
        try {
            var path = Path.of(hostPath);
            if (!Files.exists(path)) {
                Files.createDirectories(path);
            }
            return path.toRealPath();
        } catch (IOException e) {
            if (DurableFiles.isFull(e)) {
                throw DurableFiles.failed("prepare the " + where + ", path", Path.of(hostPath), e);
            }
            // A link that leads nowhere, a path through a file, a place where nothing can be made.
            throw new Failure(
                    Failure.Kind.INVALID,
                    where + ": there is no such path on the host, and it cannot be made: " + e.getMessage(),
                    e);
        }
    }

    static List<SpecMount> all(List<ContainerMount> mounts) {
        return mounts.stream().map(MountSources::of).toList();
    }
}
