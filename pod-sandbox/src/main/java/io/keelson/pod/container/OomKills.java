package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.monitor.Exit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether the kernel killed a container for want of memory. The kernel counts the processes of a group that it killed for that,
 * from the first day on, and a container may well live on without one of its children; so what had been counted before we killed the
 * container ourselves does not count.
 */
final class OomKills {
    /** 128 and SIGKILL. */
    private static final int KILLED = 137;

    /** From the kernel's choice of a process to that one's end; a parent may see to its own end for some time, too. */
    private static final Duration LONGEST_DEATH = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(OomKills.class);

    private final ContainerPaths paths;
    private final ContainerRuntime runtime;

    OomKills(ContainerPaths paths, ContainerRuntime runtime) {
        this.paths = paths;
        this.runtime = runtime;
    }

    /** To be called before it is killed; again is no harm, as the first time counts. */
    void note(ContainerEntry entry) {
        var count = count(entry).orElse(0L);
        var file = paths.oomKills(entry.id());
        if (count == 0 || Files.exists(file)) {
            return;
        }
        try {
            Files.writeString(file, Long.toString(count));
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("event", "kills-not-noted")
                    .addKeyValue("container", entry.id())
                    .log("container {} may be reported as OOMKilled: {}", entry.id(), e.getMessage());
        }
    }

    /** Whether this end was of the kernel's making. The count is to be read as long as the group is there. */
    boolean explain(ContainerEntry entry, Exit exit) {
        if (exit.code() != KILLED) {
            return false;
        }
        var before = before(entry.id());
        return count(entry)
                .map(count -> count > before && !(count == 1 && wasSurvived(exit)))
                // A kernel that does not count, or a group that is gone: the monitor may have seen it.
                .orElseGet(() -> exit.oomAt().isPresent() && before == 0);
    }

    /** Whether the container lived on after the first of these kills, which so was that of a child. */
    private static boolean wasSurvived(Exit exit) {
        return exit.oomAt()
                .filter(at -> at.plus(LONGEST_DEATH).isBefore(exit.finishedAt()))
                .isPresent();
    }

    /** A count that cannot be read must keep nobody from being killed, and no end from being written down. */
    private Optional<Long> count(ContainerEntry entry) {
        try {
            return runtime.oomKills(entry.record().cgroup());
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "kills-not-counted")
                    .addKeyValue("container", entry.id())
                    .log("cannot count what was killed of container {}: {}", entry.id(), e.getMessage());
            return Optional.empty();
        }
    }

    private long before(ContainerId id) {
        try {
            var file = paths.oomKills(id);
            return Files.exists(file)
                    ? Long.parseLong(
                            Files.readString(file, StandardCharsets.US_ASCII).strip())
                    : 0;
        } catch (IOException | NumberFormatException e) {
            // It was being written when the daemon was killed: there were some.
            return 1;
        }
    }
}
