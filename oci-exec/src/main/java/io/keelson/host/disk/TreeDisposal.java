package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes directories that have lost their names, on a thread of its own: to give back the blocks of large files takes a disk a
 * tenth of a second and more for each, which nobody should wait for. What a crash leaves has {@link DurableFiles#TEMPORARY_SUFFIX}
 * and is handed over again at the next start.
 */
public final class TreeDisposal {
    private static final Logger log = LoggerFactory.getLogger(TreeDisposal.class);

    private final Path parent;
    private final List<Path> waiting = new ArrayList<>();
    private boolean isRunning;

    /** @param parent of all that will be handed over */
    public TreeDisposal(Path parent) {
        this.parent = parent;
    }

    /** Takes over a directory that was renamed to a name that ends with the suffix; the rename need not be on disk. */
    public synchronized void add(Path tree) {
        waiting.add(tree);
        if (!isRunning) {
            isRunning = true;
            Thread.ofPlatform().name("disposal").daemon().start(this::removeAll);
        }
    }

    /** Returns when all that was handed over is gone, or when the caller is interrupted, whose interrupt stays. */
    public synchronized void await() {
        try {
            while (isRunning) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeAll() {
        for (var trees = next(); !trees.isEmpty(); trees = next()) {
            try {
                // First the new names: under the old ones nothing may ever be found that is no longer whole.
                DurableFiles.fsyncDirectory(parent);
                trees.forEach(TreeDisposal::remove);
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "disposal-failed")
                        .addKeyValue("directory", parent)
                        .log("what was removed stays on disk until the next start: {}", e.getMessage());
            }
        }
    }

    private static void remove(Path tree) {
        try {
            DurableFiles.discardTree(tree);
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "disposal-failed")
                    .addKeyValue("directory", tree)
                    .log("what was removed stays on disk until the next start: {}", e.getMessage());
        }
    }

    private synchronized List<Path> next() {
        var next = List.copyOf(waiting);
        waiting.clear();
        if (next.isEmpty()) {
            isRunning = false;
            notifyAll();
        }
        return next;
    }
}
