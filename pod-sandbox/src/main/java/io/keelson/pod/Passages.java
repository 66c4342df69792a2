package io.keelson.pod;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.AccessList;
import io.keelson.host.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Lets the root users of pods' user namespaces pass through our directories on the way to their root file systems. Those are closed
 * to everybody (CVE-2021-41103), and an OCI runtime makes a container's mounts as its root user, who on the host is anybody. The
 * kernel's lists are written as a whole from what is known here, so that nothing stays in them.
 */
public final class Passages {
    private final List<Path> directories;
    private final Map<PodId, Long> open = new HashMap<>();

    /** @param directories from the outermost to the one in which containers have theirs; they are made if they are missing */
    public Passages(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** Why there can be none; absent if there can. */
    Optional<String> trouble() {
        return directories.stream()
                .filter(directory -> Files.exists(directory) && !AccessList.isSupported(directory))
                .findFirst()
                .map(directory -> "the file system of " + directory + " has no access control lists");
    }

    /** @throws Failure WRONG_STATE where the file system cannot do it, EXHAUSTED if it has no room for one more */
    synchronized void open(PodId pod, long rootUid) {
        open.put(pod, rootUid);
        write();
    }

    /** That it is not open is success. */
    synchronized void close(PodId pod) {
        if (open.remove(pod) != null) {
            write();
        }
    }

    /** Has just these open, and no other that a daemon before this one had. */
    synchronized void restore(Map<PodId, Long> rootUids) {
        open.clear();
        open.putAll(rootUids);
        write();
    }

    private void write() {
        var uids = new TreeSet<>(open.values());
        for (var directory : directories) {
            DurableFiles.mkdirs(directory);
            try {
                AccessList.setPassage(directory, uids);
            } catch (LinuxException e) {
                throw new Failure(
                        DurableFiles.isFull(e) ? Failure.Kind.EXHAUSTED : Failure.Kind.WRONG_STATE,
                        "cannot let the root users of user namespaces pass through " + directory + ": "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
