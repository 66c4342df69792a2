package io.keelson.oci.cgroup;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MovesAheadTest {
    private static final String SELF = Long.toString(ProcessHandle.current().pid());

    @TempDir
    Path root;

    private final Map<Path, String> groups = new HashMap<>();

    /** A tree of plain files with every group that this process is in. */
    @BeforeEach
    void makeGroups() throws IOException {
        for (var line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            var fields = line.split(":", 3);
            var name = fields[1].isEmpty() ? "unified" : fields[1];
            var group = root.resolve(name).resolve(fields[2].substring(1));
            Files.createDirectories(group);
            groups.put(Files.createFile(group.resolve("cgroup.procs")), fields[1]);
        }
    }

    private CgroupLayout layout() {
        var hierarchies = new HashMap<String, Path>();
        groups.values().stream()
                .filter(controllers -> !controllers.isEmpty())
                .forEach(controllers -> hierarchies.put(controllers, root.resolve(controllers)));
        return hierarchies.isEmpty()
                ? new CgroupLayout.Unified(root.resolve("unified"))
                : new CgroupLayout.Legacy(hierarchies);
    }

    @Test
    void theDaemonMovesToWhereItIsWheneverAMoveIsExpected() {
        var moves = new MovesAhead(layout());

        for (var time = 0; time < 3; time++) {
            awaitMove(moves, this::hasMoved);
            groups.keySet().forEach(MovesAheadTest::empty);
        }
    }

    /** An operator, or a service manager: what was read before that is no place to go back to. */
    @Test
    void whoMovesTheDaemonMeanwhileHasTheLastWord() throws IOException {
        var before = processes("a");
        var after = processes("b");
        var own = Files.writeString(root.resolve("own"), "0::/a\n");
        var moves = new MovesAhead(new CgroupLayout.Unified(root.resolve("all")), own);
        awaitMove(moves, () -> Files.readString(before).equals(SELF));

        // In place: the kernel shows no moment without a group.
        Files.writeString(own, "0::/b\n", StandardOpenOption.WRITE);

        awaitMove(moves, () -> Files.readString(after).equals(SELF));
    }

    private Path processes(String group) throws IOException {
        return Files.createFile(
                Files.createDirectories(root.resolve("all").resolve(group)).resolve("cgroup.procs"));
    }

    /** While moves are expected without a pause. */
    private static void awaitMove(MovesAhead moves, Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    moves.expect();
                    return condition.call();
                });
    }

    /** In one hierarchy, which is enough: the lock is the same for all. */
    private boolean hasMoved() throws IOException {
        for (var file : groups.keySet()) {
            if (Files.readString(file).equals(SELF)) {
                return true;
            }
        }
        return false;
    }

    private static void empty(Path file) {
        try {
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
