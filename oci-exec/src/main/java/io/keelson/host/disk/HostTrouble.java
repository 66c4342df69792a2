package io.keelson.host.disk;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import java.util.List;

/** What the kernel says of a disk that is full or broken, or of a daemon that may have no more, as the kind of failure that it is to a caller. */
public final class HostTrouble {
    /** No descriptors, no processes and threads (fork(2)): there are some again when others have ended. */
    private static final List<Integer> NO_MORE = List.of(Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN);

    /** The disk is broken, or the kernel has stopped writing to it: somebody has to see to it, and then a retry helps. */
    private static final List<Integer> NO_DISK = List.of(Errno.EIO, Errno.EROFS);

    private HostTrouble() {}

    /** Of an error that the request is not the cause of; java.nio.file tells it by its text alone. */
    public static Failure.Kind kind(Throwable e) {
        // A thread that the kernel refuses is an OutOfMemoryError.
        if (DurableFiles.isFull(e) || isOneOf(NO_MORE, e) || e instanceof OutOfMemoryError) {
            return Failure.Kind.EXHAUSTED;
        }
        return isOneOf(NO_DISK, e) ? Failure.Kind.UNAVAILABLE : Failure.Kind.INTERNAL;
    }

    private static boolean isOneOf(List<Integer> errors, Throwable e) {
        if (e instanceof LinuxException linux) {
            return errors.stream().anyMatch(linux::is);
        }
        var message = String.valueOf(e.getMessage());
        return errors.stream().map(Errno::description).anyMatch(message::contains);
    }
}
