package io.keelson.pod.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whom the files that a pod's containers share belong to: who is root there. */
public record FileOwner(long uid, long gid) {
    public static final FileOwner ROOT = new FileOwner(0, 0);

    void take(Path file) throws IOException {
        if (!equals(ROOT)) {
            Files.setAttribute(file, "unix:uid", Math.toIntExact(uid));
            Files.setAttribute(file, "unix:gid", Math.toIntExact(gid));
        }
    }
}
