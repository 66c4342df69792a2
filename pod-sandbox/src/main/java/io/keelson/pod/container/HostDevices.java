package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Inodes;
import io.keelson.oci.spec.SpecDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Devices of the host, as a container gets them. */
final class HostDevices {
    private static final Path DEV = Path.of("/dev");
    /** Below /dev, but each container has its own. */
    private static final Set<String> OWN = Set.of("pts", "shm", "fd", "mqueue", "console", "ptmx", "hugepages");

    private static final int MAX_DEPTH = 8;
    private static final String ALL_PERMISSIONS = "rwm";

    private HostDevices() {}

    /**
     * The device, or all devices below the directory, at their place in the container.
     *
     * @throws Failure INVALID if it is neither, or the permissions are no part of {@code rwm}
     */
    static List<SpecDevice> of(ContainerDevice device) {
        var what = "device " + printable(device.hostPath());
        var permissions = device.permissions().isEmpty() ? ALL_PERMISSIONS : device.permissions();
        if (!permissions.chars().allMatch(each -> ALL_PERMISSIONS.indexOf(each) >= 0)) {
            throw Failure.invalid(what + ": permissions \"" + printable(permissions) + "\" are not of rwm");
        }
        // The runtime makes the node at this place, as root.
        if (!isPlain(device.containerPath())) {
            throw Failure.invalid(what + ": \"" + printable(device.containerPath())
                    + "\" is not a plain absolute path in the container");
        }
        var found = new ArrayList<SpecDevice>();
        collect(real(device.hostPath()), Path.of(device.containerPath()), permissions, 0, found);
        if (found.isEmpty()) {
            throw Failure.invalid(what + " is no device, and has none below it");
        }
        return found;
    }

    private static boolean isPlain(String path) {
        return path.startsWith("/")
                && path.chars().noneMatch(Character::isISOControl)
                && !List.of(path.split("/", -1)).contains("..");
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** Every device of the host, for a privileged container. */
    static List<SpecDevice> all() {
        var found = new ArrayList<SpecDevice>();
        for (var child : children(DEV)) {
            if (!OWN.contains(child.getFileName().toString())) {
                collect(child, child, ALL_PERMISSIONS, 1, found);
            }
        }
        return found;
    }

    private static void collect(Path host, Path container, String permissions, int depth, List<SpecDevice> found) {
        var stat = Inodes.lstat(host);
        if (stat.isEmpty() || depth > MAX_DEPTH) {
            return;
        }
        if (stat.get().isDirectory()) {
            for (var child : children(host)) {
                collect(child, container.resolve(child.getFileName()), permissions, depth + 1, found);
            }
            return;
        }
        type(stat.get().mode())
                .ifPresent(type -> found.add(new SpecDevice(
                        container.toString(),
                        type,
                        stat.get().specialMajor(),
                        stat.get().specialMinor(),
                        stat.get().mode() & 07777,
                        stat.get().uid(),
                        stat.get().gid(),
                        permissions)));
    }

    private static Optional<String> type(int mode) {
        return switch (mode & Inodes.S_IFMT) {
            case Inodes.S_IFCHR -> Optional.of("c");
            case Inodes.S_IFBLK -> Optional.of("b");
            default -> Optional.empty();
        };
    }

    private static Path real(String path) {
        try {
            return Path.of(path).toRealPath();
        } catch (IOException | InvalidPathException e) {
            throw new Failure(Failure.Kind.INVALID, "device " + printable(path) + " is not on this node", e);
        }
    }

    private static List<Path> children(Path directory) {
        try (var children = Files.list(directory)) {
            return children.toList();
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }
}
