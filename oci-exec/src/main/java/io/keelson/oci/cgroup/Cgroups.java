package io.keelson.oci.cgroup;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.KernelLog;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Pidfd;
import io.keelson.oci.spec.LinuxResources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The node's control groups. A group is named by its path below the root of each hierarchy ({@link CgroupPaths}), and may be
 * there in some of them only. Groups that are gone already are success everywhere.
 */
public final class Cgroups {
    /** Where control groups are mounted on every node (cgroups(7)). */
    public static final Path MOUNTED = Path.of("/sys/fs/cgroup");

    private static final String PROCESSES = "cgroup.procs";

    /** Of a directory that has none in it: its own name, and its dot. */
    private static final int LINKS_OF_A_LEAF = 2;

    private static final String KILL = "cgroup.kill";
    private static final String UNIFIED = "unified";

    /** As much as kernels keep by default. */
    private static final int KERNEL_LOG_BYTES = 256 << 10;

    /** A group stays busy for a moment after its last process has ended. */
    private static final Duration REMOVAL_PATIENCE = Duration.ofSeconds(5);

    /** Processes that are killed may have started others; each round finds fewer of them. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final CgroupLayout layout;
    private final MovesAhead movesAhead;

    public Cgroups(CgroupLayout layout) {
        this.layout = layout;
        movesAhead = new MovesAhead(layout);
    }

    /** To be called when a process is about to be put into a group, by whomever: it goes faster then. Returns at once. */
    public void expectMove() {
        movesAhead.expect();
    }

    /** Those mounted at this directory, usually {@link #MOUNTED}. */
    public static Cgroups detect(Path root) {
        return new Cgroups(CgroupDetection.layout(root));
    }

    public CgroupLayout layout() {
        return layout;
    }

    /** Where the group is, in every hierarchy that has it. */
    public List<Path> directories(String group) {
        return layout.roots().stream()
                .map(root -> below(root, group))
                .filter(Files::isDirectory)
                .toList();
    }

    /** The directory of the group in the hierarchy of one controller, whether or not it is there. */
    public Optional<Path> directory(String group, String controller) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> Optional.of(below(root, group));
            case CgroupLayout.Legacy(var hierarchies) ->
                Optional.ofNullable(hierarchies.get(controller)).map(root -> below(root, group));
            case CgroupLayout.Hybrid(var hierarchies, var _, var _) ->
                Optional.ofNullable(hierarchies.get(controller)).map(root -> below(root, group));
        };
    }

    /** The processes in the group and in those below it. */
    public Set<Long> pids(String group) {
        var pids = new LinkedHashSet<Long>();
        for (var directory : directories(group)) {
            for (var each : tree(directory)) {
                addPids(each, pids);
            }
        }
        return pids;
    }

    /** Where the group's processes are listed, whether or not it is there. One hierarchy tells: they are in all. */
    Optional<Path> processDirectory(String group) {
        return directory(group, "memory")
                .or(() -> layout.roots().stream().findFirst().map(root -> below(root, group)));
    }

    /**
     * Kills every process in the group and in those below it, also frozen ones, and waits until they are gone. Those that make others
     * while one after the other is killed are frozen for that.
     */
    public void killAll(String group) {
        try (var patience = new Patience(KILL_PATIENCE)) {
            for (var round = 0; ; round++) {
                directories(group).forEach(Cgroups::killAtOnce);
                if (round > 0) {
                    freeze(group);
                }
                var pids = pids(group);
                if (pids.isEmpty()) {
                    return;
                }
                pids.forEach(pid -> kill(pid, group));
                thaw(group);
                if (!patience.pause()) {
                    throw Failure.timeout("cannot kill the processes of cgroup " + group + ": "
                            + pids.size() + " are still there, the first is "
                            + pids.iterator().next());
                }
            }
        }
    }

    /** With version 2 the kernel kills all of a group at once; there is nobody left to make others. */
    private void freeze(String group) {
        if (!layout.isUnified()) {
            directory(group, "freezer").filter(Files::isDirectory).ifPresent(Freezing::freezeVersion1);
        }
    }

    /** Lets the processes of the group and of those below it go on, if they are frozen: no signal reaches them before. */
    public void thaw(String group) {
        var directory = directory(group, "freezer").filter(Files::isDirectory);
        directory.ifPresent(
                freezer -> tree(freezer).forEach(layout.isUnified() ? Freezing::thawVersion2 : Freezing::thawVersion1));
    }

    /** Kills what is in the group and in those below it, and removes them. */
    public void end(String group) {
        killAll(group);
        remove(group);
    }

    /** Removes the group and those below it, which must have no processes. */
    public void remove(String group) {
        strays(group).forEach(DurableFiles::deleteTree);
        try (var patience = new Patience(REMOVAL_PATIENCE)) {
            for (var directory : directories(group)) {
                // The innermost first.
                for (var each : tree(directory).reversed()) {
                    while (!removed(each)) {
                        if (!patience.pause()) {
                            throw Failure.timeout("cannot remove cgroup " + each + ": it is busy");
                        }
                    }
                }
            }
        }
    }

    /** crun follows every line of /proc/self/cgroup, and makes plain directories and files where version 2 is not mounted. */
    private List<Path> strays(String group) {
        return switch (layout) {
            case CgroupLayout.Legacy(var hierarchies) ->
                hierarchies.values().stream()
                        .map(root -> below(root.resolveSibling(UNIFIED), group))
                        .distinct()
                        .filter(Files::isDirectory)
                        .toList();
            case CgroupLayout.Unified _, CgroupLayout.Hybrid _ -> List.of();
        };
    }

    /** The group's counters, to be read time and again, also if it is not there yet. */
    public OpenGroup open(String group) {
        return new OpenGroup(this, group);
    }

    /** What the group's processes use, looked at once; absent if it is gone. */
    public Optional<CgroupUsage> usage(String group) {
        try (var open = open(group)) {
            return Optional.of(open.look().usage()).filter(usage -> !usage.isEmpty());
        }
    }

    /** The most memory that the group and those below it ever used; absent if it is gone, or the kernel does not keep it. */
    public Optional<Long> memoryPeak(String group) {
        try (var open = open(group)) {
            return open.look().find(GroupCounter.MEMORY_PEAK).stream().boxed().findFirst();
        }
    }

    /** Where version 2 has the group, alone or beside version 1, whether or not it is there. */
    Optional<Path> unifiedDirectory(String group) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> Optional.of(below(root, group));
            case CgroupLayout.Hybrid(var _, var unified, var _) -> Optional.of(below(unified, group));
            case CgroupLayout.Legacy _ -> Optional.empty();
        };
    }

    /**
     * The limits of the group as they are now.
     *
     * @param more files of version 2 that are about to be changed besides
     */
    public LimitFiles limits(String group, Set<String> more) {
        return LimitFiles.read(this, group, more);
    }

    /**
     * How many processes of the group itself, and not of those below it, were killed for want of memory, its own or that of a group
     * above it; as long as the group is there.
     */
    public Optional<Long> oomKills(String group) {
        return directory(group, "memory")
                .map(directory -> directory.resolve(layout.isUnified() ? "memory.events.local" : "memory.oom_control"))
                .flatMap(Cgroups::read)
                .flatMap(text -> text.lines()
                        .filter(line -> line.startsWith("oom_kill "))
                        .map(line -> Long.parseLong(line.substring("oom_kill ".length())))
                        .findFirst());
    }

    /** Whom the kernel killed last in the group, or below it, for want of memory; absent if it does not say so, or not to us. */
    public Optional<OomVictim> oomVictim(String group) {
        try {
            return OomVictim.last(KernelLog.end(KERNEL_LOG_BYTES), group);
        } catch (LinuxException e) {
            return Optional.empty();
        }
    }

    /**
     * Moves a process into the group, which is made if it is not there. With version 1, just into the hierarchies by which
     * processes are limited or found; a cpuset would have to be filled first.
     */
    public void join(String group, long pid) {
        for (var root : rootsToJoin()) {
            var directory = below(root, group);
            try {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve(PROCESSES), Long.toString(pid), StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw Failure.internal("cannot move process " + pid + " into cgroup " + directory, e);
            }
        }
    }

    /**
     * Makes the group with these limits.
     *
     * @throws Failure INVALID for what the kernel refuses, UNAVAILABLE if the node lacks a controller
     */
    public void limit(String group, LinuxResources limits) {
        new GroupLimits(this, group).apply(limits);
    }

    /** Whether the process is in the group in every hierarchy that {@link #join} would move it in; not if it has ended. */
    public boolean isIn(String group, long pid) {
        try {
            var found = ProcessGroup.parse(layout, Files.readString(Path.of("/proc/" + pid + "/cgroup"))).stream()
                    .filter(each -> each.is(group))
                    .map(ProcessGroup::root)
                    .collect(Collectors.toSet());
            return found.containsAll(rootsToJoin());
        } catch (IOException e) {
            return false;
        }
    }

    private List<Path> rootsToJoin() {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> List.of(root);
            case CgroupLayout.Legacy legacy -> joinable(legacy.hierarchies());
            case CgroupLayout.Hybrid(var hierarchies, var unified, var _) -> {
                var roots = new ArrayList<>(joinable(hierarchies));
                roots.add(unified);
                yield roots;
            }
        };
    }

    private static List<Path> joinable(Map<String, Path> hierarchies) {
        return List.of("memory", "pids", "cpu", CgroupDetection.SYSTEMD).stream()
                .filter(hierarchies::containsKey)
                .map(hierarchies::get)
                .filter(root -> !root.equals(hierarchies.get("cpuset")))
                .distinct()
                .toList();
    }

    private static Path below(Path root, String group) {
        if (!group.startsWith("/")
                || group.equals("/")
                || !Path.of(group).normalize().toString().equals(group)) {
            throw new IllegalArgumentException("not the path of a cgroup: " + group);
        }
        return root.resolve(group.substring(1));
    }

    /** The directory and all below it, each before those in it. */
    static List<Path> tree(Path directory) {
        var found = new ArrayList<Path>();
        found.add(directory);
        for (var i = 0; i < found.size(); i++) {
            found.addAll(groupsIn(found.get(i)));
        }
        return found;
    }

    /**
     * The groups in this one. By the kinds of entries that the kernel lists: a group has some forty files, and to look at each is dear.
     *
     * @param directory of the group, in one hierarchy
     */
    public static List<Path> groupsIn(Path directory) {
        if (isLeaf(directory)) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (var opened = Descriptors.open(directory, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
            for (var some = Directories.read(opened); !some.isEmpty(); some = Directories.read(opened)) {
                some.stream()
                        .filter(Directories.Entry::isDirectory)
                        .forEach(entry ->
                                found.add(directory.resolve(new String(entry.name(), StandardCharsets.UTF_8))));
            }
        } catch (LinuxException e) {
            if (Files.exists(directory)) {
                throw Failure.internal("cannot list cgroup " + directory, e);
            }
        }
        return found;
    }

    /** Most are: each of those below a directory links to it (kernfs). */
    private static boolean isLeaf(Path directory) {
        try {
            return Inodes.lstat(directory)
                    .filter(stat -> stat.links() == LINKS_OF_A_LEAF)
                    .isPresent();
        } catch (LinuxException e) {
            return false;
        }
    }

    private static void addPids(Path directory, Set<Long> pids) {
        read(directory.resolve(PROCESSES)).ifPresent(text -> new CounterText(text).addNumbers(pids));
    }

    /** Where there is such a file: version 1, and kernels before 5.14, have them killed one by one. */
    private static void killAtOnce(Path directory) {
        var kill = directory.resolve(KILL);
        if (!Files.exists(kill)) {
            return;
        }
        try {
            Files.writeString(kill, "1", StandardOpenOption.WRITE);
        } catch (IOException e) {
            // The group has gone meanwhile; what is left in any other is killed one by one.
            return;
        }
    }

    /** By a handle that is checked against the group after it was opened: the number may be somebody else's by now. */
    private void kill(long pid, String group) {
        try (var pidfd = Pidfd.open(pid)) {
            if (pids(group).contains(pid)) {
                pidfd.sendSignal(Pidfd.SIGKILL);
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ESRCH) && !e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    /** rmdir(2); false if it is busy. */
    private static boolean removed(Path directory) {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (DirectoryNotEmptyException e) {
            throw Failure.internal("cannot remove cgroup " + directory + ": there is another in it", e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains(Errno.description(Errno.EBUSY))) {
                return false;
            }
            throw Failure.internal("cannot remove cgroup " + directory, e);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            // ENODEV: the group was removed while its file was open.
            if (String.valueOf(e.getMessage()).contains(Errno.description(Errno.ENODEV))) {
                return Optional.empty();
            }
            throw Failure.internal("cannot read " + file, e);
        }
    }
}
