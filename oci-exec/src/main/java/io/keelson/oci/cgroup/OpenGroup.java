package io.keelson.oci.cgroup;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The files of one group that were read once, held open: to read them again takes one call each. A file that the group's directory
 * does not have is not looked for again; a group that is gone, or not there yet, is.
 */
public final class OpenGroup implements AutoCloseable {
    private final Cgroups cgroups;
    private final String group;
    private final Map<Path, Optional<CounterFile>> files = new HashMap<>();
    private boolean isClosed;

    OpenGroup(Cgroups cgroups, String group) {
        this.cgroups = cgroups;
        this.group = group;
    }

    /** What is told by one look is told at about one moment, and each file is read once. */
    public GroupLook look() {
        return new GroupLook(this, cgroups.layout());
    }

    Optional<Path> directory(String controller) {
        return cgroups.directory(group, controller);
    }

    Optional<Path> unifiedDirectory() {
        return cgroups.unifiedDirectory(group);
    }

    Optional<String> read(Path file) {
        var text = open(file).flatMap(CounterFile::read);
        if (text.isEmpty()) {
            forget(file);
        }
        return text;
    }

    /**
     * Through a descriptor of its own. Version 1 makes a list of processes when an open file is first read, and keeps it until
     * nobody has read it for a second (kernel/cgroup/cgroup-v1.c, {@code CGROUP_PIDLIST_DESTROY_DELAY}).
     */
    Optional<String> readAfresh(Path file) {
        try {
            return CounterFile.open(file).flatMap(opened -> {
                try (opened) {
                    return opened.read();
                }
            });
        } catch (LinuxException e) {
            // Out of descriptors, as in open().
            return Optional.empty();
        }
    }

    private synchronized Optional<CounterFile> open(Path file) {
        if (isClosed) {
            return Optional.empty();
        }
        try {
            return files.computeIfAbsent(file, CounterFile::open);
        } catch (LinuxException e) {
            // Out of descriptors, say: the next look tries again.
            return Optional.empty();
        }
    }

    /** What cannot be read may be back with the next group of the name. */
    private synchronized void forget(Path file) {
        var known = files.get(file);
        if (known == null || (known.isEmpty() && Files.isDirectory(file.resolveSibling(".")))) {
            return;
        }
        files.remove(file);
        known.ifPresent(CounterFile::close);
    }

    /** Nothing is read any more. */
    @Override
    public synchronized void close() {
        isClosed = true;
        files.values().forEach(file -> file.ifPresent(CounterFile::close));
        files.clear();
    }
}
