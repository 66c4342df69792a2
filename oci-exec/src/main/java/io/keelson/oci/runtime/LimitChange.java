package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.spec.LinuxResources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands between a change of limits and the runtime's {@code update}: what that cannot do, or does by kills. Whether the node has
 * such limits at all is looked at before ({@link io.keelson.oci.cgroup.HostResources}).
 */
final class LimitChange {
    private static final String QUOTA = "cpu.cfs_quota_us";
    private static final String UNLIMITED = "-1";

    private final Cgroups cgroups;
    private final String group;
    private final boolean isCrun;

    LimitChange(Cgroups cgroups, String group, boolean isCrun) {
        this.cgroups = cgroups;
        this.group = group;
        this.isCrun = isCrun;
    }

    /**
     * Does what has to be done before.
     *
     * @return what is left for the runtime
     * @throws Failure WRONG_STATE for less memory than is in use
     */
    LinuxResources prepare(LinuxResources change) {
        if (cgroups.layout().isUnified()) {
            // memory.max is set whatever is in use; what cannot be reclaimed is made room for by kills.
            requireRoom(change);
            return change;
        }
        makeRoom("cpuset.cpus", change.cpusetCpus());
        makeRoom("cpuset.mems", change.cpusetMems());
        return isCrun && change.hasUnlimitedCpu() ? unlimited(change) : change;
    }

    private void requireRoom(LinuxResources change) {
        var used = used();
        if (change.memoryLimitBytes() > 0 && used > change.memoryLimitBytes()) {
            throw Failure.wrongState("a limit of " + change.memoryLimitBytes() + " bytes of memory is below the " + used
                    + " bytes that are in use");
        }
    }

    private long used() {
        return cgroups.usage(group)
                .map(usage -> usage.workingSetBytes().orElse(0))
                .orElse(0L);
    }

    /** What to say besides the runtime's own words, which are those of the kernel: {@code Device or resource busy}. */
    String remark(LinuxResources change) {
        return change.memoryLimitBytes() > 0
                ? " (a limit of " + change.memoryLimitBytes() + " bytes of memory was asked for, and " + used()
                        + " bytes are in use)"
                : "";
    }

    /** crun 1.8.1 writes -1 as an unsigned number, which the kernel refuses. */
    private LinuxResources unlimited(LinuxResources change) {
        cgroups.directory(group, "cpu").ifPresent(directory -> {
            try {
                Files.writeString(directory.resolve(QUOTA), UNLIMITED, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw Failure.internal("cannot write " + directory.resolve(QUOTA), e);
            }
        });
        return change.withoutCpuQuota();
    }

    /**
     * With version 1 a group's list of CPUs must contain those of the groups in it, which crun's commands have ({@link ExecGroups}):
     * it is widened first, then they are changed, and the runtime narrows it. What the kernel does not take here it will not take
     * from the runtime either, which says so.
     */
    private void makeRoom(String file, String wanted) {
        var directory = cgroups.directory(group, "cpuset").filter(Files::isDirectory);
        if (wanted.isEmpty() || directory.isEmpty()) {
            return;
        }
        var within = below(directory.get());
        if (!within.isEmpty()) {
            try {
                var own = directory.get().resolve(file);
                write(own, Files.readString(own, StandardCharsets.US_ASCII).strip() + "," + wanted);
                for (var each : within) {
                    write(each.resolve(file), wanted);
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.WRITE);
    }

    private static List<Path> below(Path directory) {
        var found = new ArrayList<Path>();
        try (var entries =
                Files.newDirectoryStream(directory, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
            entries.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            return List.of();
        }
        return found;
    }
}
