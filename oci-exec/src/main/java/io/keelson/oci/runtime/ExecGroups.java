package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.oci.cgroup.CgroupLayout;
import io.keelson.oci.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control group of its own for each exec, below its container's: whatever the command starts stays in it, in whatever session,
 * and so it can all be killed after a timeout.
 *
 * <p>With version 1, runc takes the group in a single hierarchy. crun must be given it in all of them, for in one that lacks it the
 * process would stay outside of the container's.
 *
 * <p>A group that is there when the daemon starts is that of a command to which nobody listens any more, unless it has
 * {@link #LEFT_BEHIND} in it.
 */
final class ExecGroups {
    private static final String PREFIX = "keelson-exec-";
    /** An empty group, in those whose command has ended, and left something in the background. */
    private static final String LEFT_BEHIND = "left-behind";

    private static final Logger log = LoggerFactory.getLogger(ExecGroups.class);
    private static final String PIDS = "pids";
    private static final String PROCESSES = "cgroup.procs";
    private static final String VERSION_2_ONLY = "cgroup.controllers";
    private static final List<String> CPUSET_FILES = List.of("cpuset.cpus", "cpuset.mems");

    private final Cgroups cgroups;
    /** Begins where no daemon before this one can have been. */
    private final AtomicLong sequence = new AtomicLong(System.currentTimeMillis());

    ExecGroups(Cgroups cgroups) {
        this.cgroups = cgroups;
    }

    /** One exec's group. Unless told that the command {@link #ended}, closing it kills all that is in it. */
    final class ExecGroup implements AutoCloseable {
        private final String group;
        private final Optional<String> argument;
        private boolean started;
        private boolean ended;
        private boolean closed;

        private ExecGroup(String group, Optional<String> argument) {
            this.group = group;
            this.argument = argument;
        }

        Optional<String> argument() {
            return argument;
        }

        /** Of nobody else, also among those of daemons before this one. */
        String name() {
            return group.substring(group.lastIndexOf('/') + 1);
        }

        void started() {
            started = true;
        }

        void ended() {
            ended = true;
        }

        /** Kills the command and all that it started; the runtime itself is not in the group. */
        void killAll() {
            cgroups.killAll(group);
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            if (started && !ended) {
                cgroups.killAll(group);
                removeIfEmpty();
            } else {
                // The answer need not wait for it; if it does not come to that, the group goes with the container's.
                if (ended) {
                    markWhatIsLeft();
                }
                Thread.ofVirtual().name("exec-group-end").start(this::removeIfEmpty);
            }
        }

        /** Before the answer, as the daemon may die right after it. */
        private void markWhatIsLeft() {
            oneDirectory(group).filter(ExecGroups::hasProcesses).ifPresent(ExecGroups::mark);
        }

        /** What the command left behind in the background goes on, and keeps the group until the container ends. */
        private void removeIfEmpty() {
            if (cgroups.pids(group).isEmpty()) {
                cgroups.remove(group);
            }
        }
    }

    /**
     * Kills the commands that an earlier daemon ran in the container: whoever talked with them is gone, and nobody keeps their time.
     * What commands had left behind goes on. To be called before there are new ones; does not wait for the end.
     */
    void endAbandoned(String container) {
        for (var name : abandoned(container)) {
            Thread.ofVirtual().name("abandoned-exec").start(() -> end(container + "/" + name));
        }
    }

    private List<String> abandoned(String container) {
        var directory = oneDirectory(container);
        if (directory.isEmpty()) {
            return List.of();
        }
        try {
            return Cgroups.groupsIn(directory.get()).stream()
                    .filter(group -> !Files.exists(group.resolve(LEFT_BEHIND)))
                    .map(group -> group.getFileName().toString())
                    .filter(name -> name.startsWith(PREFIX))
                    .toList();
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "exec-groups-not-listed")
                    .log("cannot look for abandoned commands in {}: {}", directory.get(), e.getMessage());
            return List.of();
        }
    }

    private void end(String group) {
        try {
            cgroups.end(group);
            log.atInfo().addKeyValue("event", "exec-abandoned").log("ended the command of cgroup {}", group);
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "exec-not-killed")
                    .log("cannot end an abandoned command: {}", e.getMessage());
        }
    }

    /** Every group of an exec is in this hierarchy; empty if the group is gone. */
    private Optional<Path> oneDirectory(String group) {
        return cgroups.directory(group, PIDS)
                .or(() -> cgroups.directories(group).stream().findFirst())
                .filter(Files::isDirectory);
    }

    private static boolean hasProcesses(Path directory) {
        try {
            return Files.readAllBytes(directory.resolve(PROCESSES)).length > 0;
        } catch (IOException e) {
            // It is gone.
            return false;
        }
    }

    private static void mark(Path directory) {
        try {
            Files.createDirectory(directory.resolve(LEFT_BEHIND));
        } catch (IOException e) {
            log.atDebug()
                    .addKeyValue("event", "exec-group-not-marked")
                    .log("a restart will end what a command left in {}: {}", directory, e.getMessage());
        }
    }

    /**
     * @param container the container's group
     * @throws Failure WRONG_STATE if it is gone
     */
    ExecGroup open(String container, boolean isCrun) {
        var name = PREFIX + sequence.incrementAndGet();
        var directories = switch (cgroups.layout()) {
            case CgroupLayout.Unified _ -> cgroups.directories(container);
            case CgroupLayout.Legacy _, CgroupLayout.Hybrid _ ->
                isCrun
                        ? cgroups.directories(container)
                        : cgroups.directory(container, PIDS).stream().toList();
        };
        var group = new ExecGroup(container + "/" + name, argument(directories, name, isCrun));
        directories.forEach(directory -> make(directory, name));
        return group;
    }

    private Optional<String> argument(List<Path> directories, String name, boolean isCrun) {
        if (directories.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(isCrun || cgroups.layout().isUnified() ? name : PIDS + ":" + name);
    }

    private static void make(Path container, String name) {
        var directory = container.resolve(name);
        try {
            Files.createDirectory(directory);
            for (var file : CPUSET_FILES) {
                // With version 1 a new cpuset is empty, and takes no process.
                if (Files.exists(directory.resolve(file)) && !Files.exists(directory.resolve(VERSION_2_ONLY))) {
                    Files.write(directory.resolve(file), Files.readAllBytes(container.resolve(file)));
                }
            }
        } catch (NoSuchFileException e) {
            throw new Failure(Failure.Kind.WRONG_STATE, "the container has ended: cgroup " + container + " is gone", e);
        } catch (IOException e) {
            throw Failure.internal("cannot make cgroup " + directory, e);
        }
    }
}
