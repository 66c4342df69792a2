package io.keelson.server.doctor;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.host.failure.Failure;
import io.keelson.pod.remains.Remains;
import io.keelson.server.config.Configuration.Storage;
import java.io.PrintWriter;
import java.nio.file.Files;

/** What can be put right without asking: mounts, pinned namespaces and files of our own that are nobody's. */
final class Repair {
    private Repair() {}

    /**
     * Removes them, under the locks that a daemon has as long as it runs.
     *
     * @throws Failure WRONG_STATE if one runs, or something cannot be removed
     */
    static void run(Storage storage, PrintWriter out) {
        if (!Files.isDirectory(storage.root()) || !Files.isDirectory(storage.state())) {
            return;
        }
        try (var _ = DirectoryLock.acquire(storage.root());
                var _ = DirectoryLock.acquire(storage.state())) {
            var remains = new Remains(storage.root(), storage.state());
            remains.find().forEach(each -> {
                remains.remove(each);
                out.println("removed " + each.path());
            });
        } catch (Failure e) {
            throw e.during("cannot repair anything");
        }
    }
}
