package io.keelson.image.rootfs;

import java.nio.file.Path;

/** Finds users and groups in a root file system's own {@code /etc/passwd} and {@code /etc/group}. */
public final class RootUsers {
    /** @throws io.keelson.host.failure.Failure INVALID if there is no such user or group, or the request is no name or number */
    public ResolvedUser resolve(Path root, UserRequest request) {
        return Unfinished.body();
    }
}
