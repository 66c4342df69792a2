package io.keelson.e2e.systemd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The control groups of units, made, filled, limited and removed as systemd does with version 1. */
final class UnitGroups {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    /** The hierarchy by which systemd knows of processes, and those in which it accounts for them. */
    private static final List<String> HIERARCHIES = List.of("systemd", "memory", "cpu", "cpuacct", "pids");

    private static final BigInteger INFINITY = new BigInteger("18446744073709551615");
    private static final long PERIOD_MICROS = 100_000;

    private final Set<Path> made = new LinkedHashSet<>();

    /** Wherever the kernel, or crun where it finds no hierarchy, has a group. */
    private static List<Path> everywhere(String group) {
        try (Stream<Path> hierarchies = Files.list(ROOT)) {
            return hierarchies
                    .map(each -> each.resolve(group.substring(1)))
                    .filter(Files::isDirectory)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> directories(String group) {
        return HIERARCHIES.stream()
                .map(each -> ROOT.resolve(each).resolve(group.substring(1)))
                .toList();
    }

    static boolean arePossible() {
        return HIERARCHIES.stream()
                .allMatch(each -> Files.exists(ROOT.resolve(each).resolve("cgroup.procs")));
    }

    void make(String group) {
        for (var directory : directories(group)) {
            var missing = new ArrayList<Path>();
            for (var each = directory; !Files.exists(each); each = each.getParent()) {
                missing.addFirst(each);
            }
            try {
                for (var each : missing) {
                    Files.createDirectory(each);
                    made.add(each);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static void move(String group, Collection<? extends Number> pids) {
        for (var directory : directories(group)) {
            pids.forEach(pid -> write(directory.resolve("cgroup.procs"), pid.toString()));
        }
    }

    /** What is not limited by files of a group is none of this. */
    static void limit(String group, Map<String, Object> properties) {
        properties.forEach((name, value) -> {
            switch (name) {
                case "MemoryLimit" -> write(file("memory", group, "memory.limit_in_bytes"), orMinusOne(value));
                case "CPUShares" -> write(file("cpu", group, "cpu.shares"), value.toString());
                case "CPUQuotaPerSecUSec" -> {
                    var quota = new BigInteger(value.toString());
                    write(
                            file("cpu", group, "cpu.cfs_quota_us"),
                            quota.equals(INFINITY)
                                    ? "-1"
                                    : Long.toString(quota.longValue() * PERIOD_MICROS / 1_000_000));
                }
                default -> {}
            }
        });
    }

    private static String orMinusOne(Object value) {
        return value.toString().equals(INFINITY.toString()) ? "-1" : value.toString();
    }

    private static Path file(String hierarchy, String group, String name) {
        return ROOT.resolve(hierarchy).resolve(group.substring(1)).resolve(name);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the hierarchy that systemd goes by. */
    static List<Long> pids(String group) {
        var pids = new ArrayList<Long>();
        for (var directory : tree(directories(group).getFirst())) {
            try {
                Files.readAllLines(directory.resolve("cgroup.procs")).forEach(line -> pids.add(Long.valueOf(line)));
            } catch (IOException e) {
                // It has just gone.
            }
        }
        return pids;
    }

    /** The innermost first; what is busy stays. */
    void remove(String group) {
        for (var directory : everywhere(group)) {
            tree(directory).reversed().forEach(each -> {
                var _ = each.toFile().delete();
            });
        }
        made.removeIf(each -> !Files.exists(each));
    }

    /** All that was made and is still there, and the same in hierarchies where runtimes made it. */
    void removeAll() {
        made.stream()
                .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                .map(each -> "/" + ROOT.relativize(each).subpath(1, each.getNameCount() - ROOT.getNameCount()))
                .distinct()
                .toList()
                .forEach(this::remove);
    }

    private static List<Path> tree(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isDirectory).toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }
}
