package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupLayout;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.systemd.SystemdUnits;
import io.keelson.server.config.Configuration.Runtimes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How control groups are mounted, and who makes them. */
final class CgroupLook {
    /** Without one of these kubelet's limits cannot be kept. */
    private static final List<String> NEEDED = List.of("cpu", "memory", "pids");

    private CgroupLook() {}

    static Finding layout() {
        var layout = Cgroups.detect(Cgroups.MOUNTED).layout();
        var closed =
                layout.roots().stream().filter(root -> !Files.isWritable(root)).toList();
        if (!closed.isEmpty()) {
            return Finding.fail(
                    "cgroups", "no group can be made in " + closed, "mount it read-write, or delegate it to this node");
        }
        var missing = NEEDED.stream()
                .filter(each -> !controllers(layout).contains(each))
                .toList();
        if (!missing.isEmpty()) {
            return Finding.fail(
                    "cgroups",
                    "there is no controller " + String.join(", ", missing) + " to be had (" + name(layout) + ")",
                    layout.isUnified()
                            ? "have it in " + Cgroups.MOUNTED + "/cgroup.subtree_control (systemd: Delegate=yes)"
                            : "mount its hierarchy below " + Cgroups.MOUNTED + ", or boot with cgroup version 2");
        }
        return Finding.ok("cgroups", name(layout) + ", with " + String.join(", ", NEEDED));
    }

    private static String name(CgroupLayout layout) {
        return switch (layout) {
            case CgroupLayout.Unified _ -> "version 2";
            case CgroupLayout.Legacy _ -> "version 1";
            case CgroupLayout.Hybrid _ -> "version 1, and 2 beside it";
        };
    }

    /** Those that groups below the root may be given. */
    private static Set<String> controllers(CgroupLayout layout) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> delegated(root);
            case CgroupLayout.Legacy(var hierarchies) -> hierarchies.keySet();
            case CgroupLayout.Hybrid(var hierarchies, var _, var taken) -> {
                var all = new HashSet<>(hierarchies.keySet());
                all.addAll(taken);
                yield all;
            }
        };
    }

    private static Set<String> delegated(Path root) {
        try {
            return Set.of(Files.readString(root.resolve("cgroup.subtree_control"))
                    .strip()
                    .split(" ", -1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Finding driver(Runtimes settings) {
        if (settings.cgroupDriver() == CgroupDriver.CGROUPFS) {
            return Finding.ok("cgroup-driver", "cgroupfs; kubelet's cgroupDriver has to say so too");
        }
        var isUnified = Cgroups.detect(Cgroups.MOUNTED).layout().isUnified();
        try (var systemd = new SystemdUnits(settings.systemBus(), isUnified, SystemdUnits.PATIENCE)) {
            systemd.connect();
            return Finding.ok("cgroup-driver", "systemd, which answers on " + settings.systemBus());
        } catch (Failure e) {
            return Finding.fail(
                    "cgroup-driver",
                    String.valueOf(e.getMessage()),
                    "start systemd's bus, correct runtime.system_bus, or set runtime.cgroup_driver = \"cgroupfs\"");
        }
    }
}
