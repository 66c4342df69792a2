package io.keelson.oci.cgroup;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A group whose processes are listed time and again, and those below it. Directories stay open: the groups in one are those that were
 * there before, as long as there are as many and each of them still is. For one thread at a time.
 */
final class ProcessBranch implements AutoCloseable {
    static final int HOW = Descriptors.O_RDONLY | Descriptors.O_DIRECTORY;

    private static final String PROCESSES = "cgroup.procs";

    /** Of a directory that has none in it: its own name, and its dot (kernfs). */
    private static final int LINKS_OF_A_LEAF = 2;

    private final Fd directory;
    private final boolean isUnified;
    private final List<ProcessBranch> below = new ArrayList<>();
    private Optional<CounterFile> list = Optional.empty();

    private ProcessBranch(Fd directory, boolean isUnified) {
        this.directory = directory;
        this.isUnified = isUnified;
    }

    /** Absent if there is no such directory. */
    static Optional<ProcessBranch> open(Supplier<Fd> directory, boolean isUnified) {
        try {
            return Optional.of(new ProcessBranch(directory.get(), isUnified));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Adds those of all groups; false if this one is gone. */
    boolean addAll(Set<Long> pids) {
        if (!addOwn(pids)) {
            return false;
        }
        if (Inodes.links(directory) != LINKS_OF_A_LEAF + below.size() || !addBelow(pids)) {
            openBelow();
            addBelow(pids);
        }
        return true;
    }

    /** Adds those of the group itself; false if it is gone. */
    boolean addOwn(Set<Long> pids) {
        var text =
                isUnified ? readAgain() : CounterFile.open(directory, PROCESSES).flatMap(CounterFile::readLast);
        text.ifPresent(each -> new CounterText(each).addNumbers(pids));
        return text.isPresent();
    }

    /**
     * Version 2 makes the list anew when an open file is read from its beginning. Version 1 keeps it until nobody has read it for a
     * second (kernel/cgroup/cgroup-v1.c, {@code CGROUP_PIDLIST_DESTROY_DELAY}).
     */
    private Optional<String> readAgain() {
        if (list.isEmpty()) {
            list = CounterFile.open(directory, PROCESSES);
        }
        return list.flatMap(CounterFile::read);
    }

    /** False if one of them is gone, in whose place there may be another. */
    private boolean addBelow(Set<Long> pids) {
        var areThere = true;
        for (var branch : below) {
            areThere &= branch.addAll(pids);
        }
        return areThere;
    }

    /** A descriptor of its own: another begins where the last one ended. */
    private void openBelow() {
        closeBelow();
        try (var listed = Descriptors.openat(directory, ".", HOW)) {
            for (var some = Directories.read(listed); !some.isEmpty(); some = Directories.read(listed)) {
                for (var entry : some) {
                    if (entry.isDirectory()) {
                        var name = new String(entry.name(), StandardCharsets.UTF_8);
                        open(() -> Descriptors.openat(directory, name, HOW), isUnified)
                                .ifPresent(below::add);
                    }
                }
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENODEV)) {
                throw e;
            }
        }
    }

    private void closeBelow() {
        below.forEach(ProcessBranch::close);
        below.clear();
    }

    @Override
    public void close() {
        closeBelow();
        list.ifPresent(CounterFile::close);
        list = Optional.empty();
        directory.close();
    }
}
