package io.keelson.host.process;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Pidfd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A process of ours and all that it started, in whatever process group or session. What lost its parent earlier has left the
 * tree and is not found (proc_tid_children(5)).
 */
final class ProcessTree implements AutoCloseable {
    /** Each walk finds what was started during the one before; a stopped process starts nothing. */
    private static final int MAX_WALKS = 16;

    private static final int SIGSTOP = 19;

    private final long root;
    private final Map<Long, Pidfd> descendants = new LinkedHashMap<>();

    private ProcessTree(long root) {
        this.root = root;
    }

    /**
     * Kills a child of ours, which is not reaped, so that its number is still its own, with the tree below it; and waits for the
     * end of all, unless the deadline comes first.
     */
    static void kill(Pidfd child, long pid, Deadline deadline) {
        try (var tree = new ProcessTree(pid)) {
            // Stopped from the top downwards, so that nobody starts another while the rest is being found.
            child.sendSignal(SIGSTOP);
            var walks = 0;
            do {
                walks++;
            } while (tree.stopNewDescendants() && walks < MAX_WALKS);
            tree.descendants.values().forEach(descendant -> descendant.sendSignal(Pidfd.SIGKILL));
            child.sendSignal(Pidfd.SIGKILL);
            tree.descendants.values().forEach(descendant -> descendant.awaitExit(deadline));
            child.awaitExit(deadline);
        }
    }

    private boolean stopNewDescendants() {
        var before = descendants.size();
        var parents = new ArrayList<Long>(descendants.keySet());
        parents.addFirst(root);
        for (var i = 0; i < parents.size(); i++) {
            var parent = parents.get(i);
            for (var pid : children(parent)) {
                if (!descendants.containsKey(pid) && stop(pid, parent)) {
                    parents.add(pid);
                }
            }
        }
        return descendants.size() > before;
    }

    private boolean stop(long pid, long parent) {
        try {
            var pidfd = Pidfd.open(pid);
            // Checked after opening: the number may have passed to a process that is not of this tree.
            if (ProcessIdentity.parent(pid) != parent) {
                pidfd.close();
                return false;
            }
            pidfd.sendSignal(SIGSTOP);
            descendants.put(pid, pidfd);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ESRCH) || e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /** Those of all its threads; none if it has ended. */
    static List<Long> children(long pid) {
        var found = new ArrayList<Long>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (var task : tasks) {
                var line = Files.readString(task.resolve("children"), StandardCharsets.US_ASCII);
                for (var child : line.split(" ", -1)) {
                    if (!child.isBlank()) {
                        found.add(Long.parseLong(child.strip()));
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It has ended, and with it its list; what it had started has left the tree.
            return found;
        }
        return found;
    }

    @Override
    public void close() {
        descendants.values().forEach(Pidfd::close);
    }
}
