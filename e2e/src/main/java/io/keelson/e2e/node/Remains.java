package io.keelson.e2e.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Takes away what a node may still have on the machine when it ends, so that a failed test harms no other. */
final class Remains {
    private static final int ROUNDS = 20;
    private static final Pattern PID = Pattern.compile("process (\\d+): .*", Pattern.DOTALL);

    private Remains() {}

    static void clear(NodePlace place) {
        try {
            endProcesses(place);
            unmountAll(place);
            Program.run(place.directory(), List.of("ip", "link", "delete", place.bridge()));
            removeCgroups(place);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends processes and mounts, and empties what a reboot empties. */
    static void reboot(NodePlace place) throws IOException, InterruptedException {
        endProcesses(place);
        unmountAll(place);
        try (var walk = Files.walk(place.state())) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void endProcesses(NodePlace place) throws IOException, InterruptedException {
        for (var round = 0; round < ROUNDS; round++) {
            var found = Leftovers.processesOf(place);
            if (found.isEmpty()) {
                return;
            }
            for (var process : found) {
                var pid = PID.matcher(process);
                if (pid.matches()) {
                    ProcessHandle.of(Long.parseLong(pid.group(1))).ifPresent(ProcessHandle::destroyForcibly);
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** The last that was mounted goes first. */
    private static void unmountAll(NodePlace place) throws IOException, InterruptedException {
        var points = Files.readString(Path.of("/proc/self/mountinfo"))
                .lines()
                .map(line -> line.split(" ", 6)[4])
                .filter(point -> point.startsWith(place.directory() + "/"))
                .toList();
        for (var point : points.reversed()) {
            Program.run(place.directory(), List.of("umount", "--lazy", point));
        }
    }

    private static void removeCgroups(NodePlace place) throws IOException {
        try (var hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (var hierarchy : hierarchies.toList()) {
                removeCgroup(hierarchy.resolve(place.cgroupParent().substring(1)));
            }
        }
        removeCgroup(Path.of("/sys/fs/cgroup", place.cgroupParent().substring(1)));
    }

    /** Where a hierarchy is not mounted, crun makes ordinary directories, with files in them. */
    private static void removeCgroup(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (var walk = Files.walk(parent)) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                var gone = path.toFile().delete();
                if (!gone && Files.isDirectory(path)) {
                    System.err.println("cgroup stays: " + path);
                }
            }
        }
    }
}
