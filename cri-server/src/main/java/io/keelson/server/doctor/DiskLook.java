package io.keelson.server.doctor;

import io.keelson.host.linux.Inodes;
import io.keelson.server.config.Configuration.Storage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** The file systems that the daemon writes to. */
final class DiskLook {
    /** kubelet begins to remove images and pods at about this. */
    private static final int LOW_PERCENT = 10;
    /** Here nothing works any more. */
    private static final int NO_PERCENT = 1;

    private final Storage storage;

    DiskLook(Storage storage) {
        this.storage = storage;
    }

    Finding room() {
        if (Inodes.statfs(existing(storage.root())).type() == Inodes.FileSystem.OVERLAY) {
            return Finding.fail(
                    "disk",
                    storage.root() + " is on an overlay, which cannot lie below another",
                    "put storage.root on a file system of a disk");
        }
        return left(
                "disk",
                "room",
                Inodes.FileSystem::blocks,
                Inodes.FileSystem::availableBlocks,
                "remove what is not needed (keelson image gc --images), or make it larger");
    }

    Finding inodes() {
        return left(
                "inodes",
                "files",
                Inodes.FileSystem::files,
                Inodes.FileSystem::freeFiles,
                "remove what is not needed, or make a file system with more inodes");
    }

    private Finding left(
            String subject,
            String what,
            ToLongFunction<Inodes.FileSystem> all,
            ToLongFunction<Inodes.FileSystem> free,
            String advice) {
        var worst = Stream.of(storage.root(), storage.state())
                .flatMap(tree -> percent(tree, all, free).stream().map(each -> new Left(tree, each)))
                .min((a, b) -> Integer.compare(a.percent(), b.percent()));
        var said = worst.map(each -> each.percent() + " % of all " + what + " are left at " + each.tree())
                .orElse("without a limit");
        var percent = worst.map(Left::percent).orElse(100);
        return percent < NO_PERCENT
                ? Finding.fail(subject, said, advice)
                : percent < LOW_PERCENT ? Finding.warn(subject, said, advice) : Finding.ok(subject, said);
    }

    private record Left(Path tree, int percent) {}

    /** Absent where the file system has no limit of its own. */
    private static Optional<Integer> percent(
            Path tree, ToLongFunction<Inodes.FileSystem> all, ToLongFunction<Inodes.FileSystem> free) {
        var room = Inodes.statfs(existing(tree));
        var total = all.applyAsLong(room);
        return total <= 0 ? Optional.empty() : Optional.of((int) (free.applyAsLong(room) * 100 / total));
    }

    /** What is there of a path that a daemon has yet to make. */
    private static Path existing(Path path) {
        var found = path;
        while (!Files.exists(found) && found.getParent() != null) {
            found = found.getParent();
        }
        return found;
    }
}
