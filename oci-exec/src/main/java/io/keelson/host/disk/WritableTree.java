package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.BlockingCalls;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether a directory's file system takes what is written, and why not. Who asks is told what the last look found, and has the next
 * one begin; a look that does not end is an answer as well, and holds up nobody.
 *
 * <p>A look writes: ext4 keeps the flags of a file system that it has stopped writing to, and others have none. And it waits until the
 * disk has that, since what is only written in memory goes on for long when the disk has stopped to answer.
 */
public final class WritableTree {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Path tree;
    private final Look look;
    private final Duration between;
    private final Duration patience;
    private Optional<String> found = Optional.empty();
    private Deadline next = Deadline.in(Duration.ZERO);
    private Optional<Deadline> underWay = Optional.empty();

    /** What is done to see it. */
    interface Look {
        /** Why the file system does not take what is written; empty if it does. */
        Optional<String> at(Path tree);
    }

    public WritableTree(Path tree) {
        this(tree, WritableTree::look, BETWEEN_LOOKS, PATIENCE);
    }

    WritableTree(Path tree, Look look, Duration between, Duration patience) {
        this.tree = tree;
        this.look = look;
        this.between = between;
        this.patience = patience;
    }

    /** From memory, and so some seconds old; empty if all is well, and before the first look has ended. */
    public synchronized Optional<String> trouble() {
        if (underWay.isEmpty() && next.hasPassed()) {
            underWay = Optional.of(Deadline.in(patience));
            var _ = BlockingCalls.start(() -> look.at(tree))
                    .exceptionally(e -> Optional.of(String.valueOf(e.getMessage())))
                    .thenAccept(this::ended);
        }
        return underWay.filter(Deadline::hasPassed).isPresent() ? Optional.of("it does not answer") : found;
    }

    private synchronized void ended(Optional<String> trouble) {
        found = trouble;
        underWay = Optional.empty();
        next = Deadline.in(between);
    }

    private static Optional<String> look(Path tree) {
        try {
            var room = Inodes.statfs(tree);
            // Those without a limit of their own have no blocks, or no files, at all.
            if ((room.blocks() > 0 && room.availableBlocks() == 0) || (room.files() > 0 && room.freeFiles() == 0)) {
                return Optional.of(Errno.description(Errno.ENOSPC));
            }
            Files.setPosixFilePermissions(tree, Files.getPosixFilePermissions(tree));
            DurableFiles.fsyncDirectory(tree);
            return Optional.empty();
        } catch (IOException | LinuxException | Failure e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String toString() {
        return tree.toString();
    }
}
