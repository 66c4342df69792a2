package io.keelson.image.layer;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;

/** How everything below a layer's tree is opened: never through a link, never out of it, never into a mount. */
final class TreePaths {
    private static final long INSIDE =
            Descriptors.RESOLVE_BENEATH | Descriptors.RESOLVE_NO_SYMLINKS | Descriptors.RESOLVE_NO_XDEV;

    private TreePaths() {}

    /** Something of any type, without opening it: for what is done by descriptor. */
    static Fd handle(Fd directory, byte[] path) {
        return Descriptors.openat2(directory, path, Descriptors.O_PATH | Descriptors.O_NOFOLLOW, 0, INSIDE);
    }

    /** A directory whose names can be read. */
    static Fd directory(Fd directory, byte[] path) {
        return Descriptors.openat2(directory, path, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0, INSIDE);
    }

    /** A regular file whose contents can be read; one that is something else by now does not block. */
    static Fd file(Fd directory, byte[] path) {
        var flags = Descriptors.O_RDONLY | Descriptors.O_NOFOLLOW | Descriptors.O_NONBLOCK;
        return Descriptors.openat2(directory, path, flags, 0, INSIDE);
    }
}
