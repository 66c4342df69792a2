package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The mounts of a container in the order in which they are made: the usual ones, then those asked for, those nearer to the root
 * first. A usual one gives way to one asked for at its destination or above it, which would hide it.
 */
final class MountList {
    private static final String PROC = "/proc";

    private MountList() {}

    static List<SpecMount> of(SpecRequest request) {
        var requested = request.mounts().stream()
                .map(MountList::checked)
                .sorted(Comparator.comparingLong(mount -> depth(mount.destination())))
                .toList();
        var mounts = new ArrayList<SpecMount>();
        for (var usual : usual(request)) {
            if (requested.stream().noneMatch(mount -> Paths.covers(mount.destination(), usual.destination()))) {
                mounts.add(usual);
            }
        }
        mounts.addAll(requested);
        return mounts;
    }

    private static SpecMount checked(SpecMount mount) {
        var destination = mount.destination();
        if (destination.indexOf('\0') >= 0 || mount.source().indexOf('\0') >= 0) {
            throw Failure.invalid("mount at " + Texts.quoted(destination) + ": a path has a NUL in it");
        }
        // Some tools give destinations relative to the root directory.
        var normalised = Paths.normalised(destination);
        if (normalised.equals("/")) {
            throw Failure.invalid(
                    "mount at " + Texts.quoted(destination) + ": nothing can be mounted on the root directory");
        }
        return mount.at(normalised);
    }

    private static long depth(String destination) {
        return destination.chars().filter(c -> c == '/').count();
    }

    private static List<SpecMount> usual(SpecRequest request) {
        var access = request.security().privileged() ? "rw" : "ro";
        return List.of(
                new SpecMount(PROC, "proc", "proc", List.of("nosuid", "noexec", "nodev")),
                new SpecMount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")),
                new SpecMount(
                        "/dev/pts",
                        "devpts",
                        "devpts",
                        List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")),
                new SpecMount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")),
                sys(request, access),
                new SpecMount(
                        "/sys/fs/cgroup",
                        "cgroup",
                        "cgroup",
                        List.of("nosuid", "noexec", "nodev", "relatime", access)));
    }

    private static SpecMount sys(SpecRequest request, String access) {
        // sysfs belongs to a network namespace: with the host's, and a user namespace of its own, only a bind mount is
        // allowed.
        var namespaces = request.namespaces();
        return namespaces.network() instanceof NamespaceChoices.Host
                        && !(namespaces.user() instanceof NamespaceChoices.Host)
                ? new SpecMount("/sys", "bind", "/sys", List.of("rbind", "nosuid", "noexec", "nodev", "ro"))
                : new SpecMount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", access));
    }
}
