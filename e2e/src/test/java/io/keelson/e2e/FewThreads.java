package io.keelson.e2e;

import static org.awaitility.Awaitility.await;

import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A daemon in a control group of its own, which may have no more than a few threads and processes more than it has. */
final class FewThreads implements AutoCloseable {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String PROCESSES = "cgroup.procs";

    private final Path before;
    private final Path group;

    private FewThreads(Path before, Path group) {
        this.before = before;
        this.group = group;
    }

    static FewThreads of(Node node) throws IOException {
        var hierarchy = LifeScene.isUnified() ? CGROUPS : CGROUPS.resolve("pids");
        var group = hierarchy.resolve(node.place().cgroupParent().substring(1)).resolve("daemon");
        var few = new FewThreads(hierarchy.resolve(groupOf(node.pid()).substring(1)), Files.createDirectories(group));
        few.moveIn(node.pid(), "/" + hierarchy.relativize(group));
        return few;
    }

    /** A daemon that has made a container a moment ago moves itself to where it is (decision 0006): that may come just after. */
    private void moveIn(long daemon, String place) {
        await().atMost(LifeScene.PATIENCE).during(Duration.ofMillis(150)).until(() -> {
            if (groupOf(daemon).equals(place)) {
                return true;
            }
            Files.writeString(group.resolve(PROCESSES), Long.toString(daemon));
            return false;
        });
    }

    /** In the hierarchy that has the controller (cgroups(7), "/proc/[pid]/cgroup"). */
    private static String groupOf(long pid) throws IOException {
        var line = LifeScene.isUnified() ? "0::" : ":pids:";
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "cgroup")).stream()
                .filter(each -> each.contains(line))
                .map(each -> each.substring(each.indexOf(line) + line.length()))
                .findFirst()
                .orElseThrow(() -> new IOException("no group of " + pid));
    }

    /** None, also when some that it has now end: a limit may be below what there is. */
    void forbid() throws IOException {
        Files.writeString(group.resolve("pids.max"), "1");
    }

    void limit(int more) throws IOException {
        var now = Long.parseLong(Files.readString(group.resolve("pids.current")).strip());
        Files.writeString(group.resolve("pids.max"), Long.toString(now + more));
    }

    void lift() throws IOException {
        Files.writeString(group.resolve("pids.max"), "max");
    }

    /** With all that it has started there. */
    @Override
    public void close() throws IOException {
        lift();
        for (var pid : Files.readAllLines(group.resolve(PROCESSES))) {
            Files.writeString(before.resolve(PROCESSES), pid);
        }
        Files.delete(group);
    }
}
