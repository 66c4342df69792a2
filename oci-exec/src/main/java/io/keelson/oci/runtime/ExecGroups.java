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

/**
 * A control group of its own for each exec, below its container's: whatever the command starts stays in it, in whatever session,
 * and so it can all be killed after a timeout.
 *
 * <p>With version 1, runc takes the group in a single hierarchy. crun must be given it in all of them, for in one that lacks it the
 * process would stay outside of the container's.
 */
final class ExecGroups {
    private static final String PREFIX = "keelson-exec-";
    private static final String PIDS = "pids";
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
                Thread.ofVirtual().name("exec-group-end").start(this::removeIfEmpty);
            }
        }

        /** What the command left behind in the background goes on, and keeps the group until the container ends. */
        private void removeIfEmpty() {
            if (cgroups.pids(group).isEmpty()) {
                cgroups.remove(group);
            }
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
