package io.keelson.oci.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel begin early with what the first process that changes its cgroup waits for: a grace period of RCU, of 10 to 20 ms,
 * before the lock on forks is taken (cgroup v2 documentation, "favordynmods", a mount option without that wait). Whoever changes
 * soon after does not wait again; so the wait goes by while a container is prepared, and the runtime meets the rest of it.
 */
final class MovesAhead {
    private static final Logger log = LoggerFactory.getLogger(MovesAhead.class);
    private static final Path OWN_GROUPS = Path.of("/proc/self/cgroup");

    private final CgroupLayout layout;
    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile boolean works = true;

    MovesAhead(CgroupLayout layout) {
        this.layout = layout;
    }

    /** Returns at once. */
    void expect() {
        if (works && underWay.compareAndSet(false, true)) {
            // The write blocks in the kernel: that would hold the carrier of a virtual thread.
            Thread.ofPlatform().daemon().name("cgroup-moves-ahead").start(this::move);
        }
    }

    /** Moves this process from where it is to there. */
    private void move() {
        try {
            var group = ownGroup(Files.readString(OWN_GROUPS));
            if (group.isEmpty()) {
                works = false;
                return;
            }
            Files.writeString(
                    group.get().resolve("cgroup.procs"),
                    Long.toString(ProcessHandle.current().pid()),
                    StandardOpenOption.WRITE);
        } catch (IOException e) {
            works = false;
            log.atDebug()
                    .addKeyValue("event", "no-moves-ahead")
                    .log("cgroups will be changed without preparation: {}", e.getMessage());
        } finally {
            underWay.set(false);
        }
    }

    /** The directory of this process's group in one hierarchy (cgroups(7), /proc/pid/cgroup). */
    private Optional<Path> ownGroup(String lines) {
        return lines.lines()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .flatMap(fields -> root(fields[1]).map(root -> root.resolve(fields[2].substring(1))).stream())
                .findFirst();
    }

    private Optional<Path> root(String controllers) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) -> controllers.isEmpty() ? Optional.of(root) : Optional.empty();
            case CgroupLayout.Legacy(var hierarchies) -> Optional.ofNullable(hierarchies.get(controllers));
            case CgroupLayout.Hybrid(var hierarchies, var _, var _) ->
                Optional.ofNullable(hierarchies.get(controllers));
        };
    }
}
