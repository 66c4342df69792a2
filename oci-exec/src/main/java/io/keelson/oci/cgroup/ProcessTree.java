package io.keelson.oci.cgroup;

import io.keelson.host.linux.Descriptors;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The processes of a group and of those below it, asked for time and again. What is told is what is there at the time of the call. */
final class ProcessTree implements AutoCloseable {
    private final Optional<Path> root;
    private final boolean isUnified;
    private Optional<ProcessBranch> opened = Optional.empty();
    private boolean isClosed;

    /** @param root may be there later, or again */
    ProcessTree(Optional<Path> root, boolean isUnified) {
        this.root = root;
        this.isUnified = isUnified;
    }

    /** In all groups; none if there is no such group. */
    synchronized long count() {
        var pids = new LinkedHashSet<Long>();
        if (open() && !opened.get().addAll(pids) && reopen()) {
            opened.get().addAll(pids);
        }
        return pids.size();
    }

    /** In the group itself. */
    synchronized Set<Long> own() {
        var pids = new LinkedHashSet<Long>();
        if (open() && !opened.get().addOwn(pids) && reopen()) {
            opened.get().addOwn(pids);
        }
        return pids;
    }

    private boolean open() {
        return !isClosed && (opened.isPresent() || reopen());
    }

    /** Another of the name may be there by now. */
    private boolean reopen() {
        closeBranches();
        opened =
                root.flatMap(path -> ProcessBranch.open(() -> Descriptors.open(path, ProcessBranch.HOW, 0), isUnified));
        return opened.isPresent();
    }

    private void closeBranches() {
        opened.ifPresent(ProcessBranch::close);
        opened = Optional.empty();
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        closeBranches();
    }
}
