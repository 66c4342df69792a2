package io.keelson.oci.monitor;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room of their own for the files in which monitors say how containers ended: a tmpfs on their directory, so that no code is lost
 * because the state directory is full. It outlives the daemon, as what it is for does: the next one finds it mounted. Where mounting
 * is refused the files lie in the state directory, which is logged.
 */
public final class ExitRoom implements AutoCloseable {
    /** What a file takes is a page: 4096 containers that have ended and are still there. */
    static final String SIZE = "16m";

    /** Each file has another name while it is written. */
    static final String FILES = "8k";

    private static final Logger log = LoggerFactory.getLogger(ExitRoom.class);

    private final MonitorPaths paths;

    private ExitRoom(MonitorPaths paths) {
        this.paths = paths;
    }

    /** Makes it, unless it is there. To be called by the one daemon of this state directory, before it looks for ends. */
    public static ExitRoom open(MonitorPaths paths) {
        var exits = paths.exits();
        DurableFiles.mkdirs(exits);
        try {
            if (!Mounts.isMountPoint(exits)) {
                mount(exits);
            }
            takeCovered(exits);
        } catch (LinuxException | IOException | DirectoryIteratorException e) {
            log.atWarn()
                    .addKeyValue("event", "no-room-for-exits")
                    .log(
                            "exit codes have no room of their own, and are lost when the state directory is full: {}",
                            e.getMessage());
        }
        return new ExitRoom(paths);
    }

    private static void mount(Path exits) {
        try (var context = Mounts.fsopen("tmpfs")) {
            Mounts.fsconfigString(context, "source", "keelson-exits");
            Mounts.fsconfigString(context, "size", SIZE);
            Mounts.fsconfigString(context, "nr_inodes", FILES);
            Mounts.fsconfigString(context, "mode", "0700");
            Mounts.fsconfigCreate(context);
            var attributes = Mounts.MOUNT_ATTR_NOSUID | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOEXEC;
            try (var mount = Mounts.fsmount(context, attributes)) {
                Mounts.moveMount(mount, exits);
            }
        }
    }

    /**
     * What was written when this was not mounted, and is covered by it: monitors outlive a daemon that ended in order, and those of
     * earlier versions had no such room.
     */
    private static void takeCovered(Path exits) throws IOException {
        try (var tree = Mounts.openTree(DurableFiles.parent(exits), Mounts.OPEN_TREE_CLONE);
                var files = Files.newDirectoryStream(tree.procPath().resolve(exits.getFileName()), ExitFiles::isExit)) {
            for (var file : files) {
                // Killed before the second step, the next daemon does both again.
                Files.copy(
                        file,
                        exits.resolve(file.getFileName().toString()),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
                Files.delete(file);
            }
        }
    }

    /** Unmounts it if nobody needs it any more: no container has ended, and none has a monitor. */
    @Override
    public void close() throws IOException {
        if (Mounts.isMountPoint(paths.exits())
                && isEmpty()
                && RunningMonitors.find(paths).isEmpty()) {
            Mounts.unmountAll(paths.exits());
        }
    }

    private boolean isEmpty() throws IOException {
        try (var files = Files.newDirectoryStream(paths.exits())) {
            return !files.iterator().hasNext();
        } catch (NoSuchFileException e) {
            return true;
        }
    }
}
