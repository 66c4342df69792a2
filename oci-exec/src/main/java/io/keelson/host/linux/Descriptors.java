package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/**
 * Calls on file descriptors. Every descriptor made here is close-on-exec. Calls that may block for long ({@link #poll},
 * {@link #read} of a pipe) belong into {@link BlockingCalls}, since they hold the carrier of a virtual thread; to wait for a
 * single descriptor there is {@link Readiness}.
 */
public final class Descriptors {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    /** Past the page cache: memory, place and length are multiples of a block. */
    public static final int O_DIRECT = SystemCall.isArm64() ? 0x10000 : 0x4000;

    public static final int O_DIRECTORY = SystemCall.isArm64() ? 0x4000 : 0x10000;
    public static final int O_NOFOLLOW = SystemCall.isArm64() ? 0x8000 : 0x20000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;
    public static final int AT_FDCWD = -100;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;

    /** openat2(2): a name that leads out of the directory is refused. */
    public static final long RESOLVE_BENEATH = 0x08;
    /** openat2(2): the directory is the root of all names. */
    public static final long RESOLVE_IN_ROOT = 0x10;

    public static final long RESOLVE_NO_MAGICLINKS = 0x02;
    public static final long RESOLVE_NO_SYMLINKS = 0x04;
    public static final long RESOLVE_NO_XDEV = 0x01;

    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 16;

    /** openat2(2) asks for another try when a rename raced with it; somebody who renames all the time must not hold us up. */
    private static final int MAX_OPEN_ATTEMPTS = 128;

    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    private Descriptors() {}

    /** A pipe's two ends. */
    public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
        @Override
        public void close() {
            readEnd.close();
            writeEnd.close();
        }
    }

    /** open(2). */
    public static Fd open(Path path, int flags, int mode) {
        try (var arena = Arena.ofConfined()) {
            return Fd.owned((int)
                    SystemCall.OPENAT.call(path, AT_FDCWD, SystemCall.path(arena, path), flags | O_CLOEXEC, mode));
        }
    }

    /** openat(2) in an open directory. */
    public static Fd openat(Fd directory, String name, int flags) {
        try (var arena = Arena.ofConfined()) {
            return Fd.owned((int) SystemCall.OPENAT.call(
                    name, directory.number(), SystemCall.string(arena, name), flags | O_CLOEXEC, 0));
        }
    }

    /** openat2(2), with a name in UTF-8; {@code resolve} is a sum of {@code RESOLVE_…}. */
    public static Fd openat2(Fd directory, String name, int flags, int mode, long resolve) {
        return openat2(directory, name.getBytes(StandardCharsets.UTF_8), flags, mode, resolve);
    }

    /** openat2(2), with a name as the bytes that it is; an empty one is the directory. */
    public static Fd openat2(Fd directory, byte[] name, int flags, int mode, long resolve) {
        try (var arena = Arena.ofConfined()) {
            var how = arena.allocate(24);
            how.set(ValueLayout.JAVA_LONG, 0, Integer.toUnsignedLong(flags | O_CLOEXEC));
            how.set(ValueLayout.JAVA_LONG, 8, Integer.toUnsignedLong(mode));
            how.set(ValueLayout.JAVA_LONG, 16, resolve);
            var path = name.length == 0 ? SystemCall.string(arena, ".") : SystemCall.name(arena, name);
            for (var attempt = 1; ; attempt++) {
                var result = SystemCall.OPENAT2.tryCall(directory.number(), path, how.address(), how.byteSize(), 0, 0);
                if (result >= 0) {
                    return Fd.owned((int) result);
                }
                var again = result == -Errno.EAGAIN || result == -Errno.EINTR;
                if (!again || attempt == MAX_OPEN_ATTEMPTS) {
                    throw SystemCall.OPENAT2.failed((int) -result, new String(name, StandardCharsets.UTF_8));
                }
            }
        }
    }

    /** pipe2(2), close-on-exec at both ends. */
    public static Pipe pipe() {
        try (var arena = Arena.ofConfined()) {
            var ends = arena.allocate(8, 4);
            SystemCall.PIPE2.call("", ends.address(), O_CLOEXEC);
            return new Pipe(Fd.owned(ends.get(ValueLayout.JAVA_INT, 0)), Fd.owned(ends.get(ValueLayout.JAVA_INT, 4)));
        }
    }

    /** read(2) into the buffer's remaining space; the number of bytes, 0 at the end, -1 if nothing is there yet (EAGAIN). */
    public static int read(Fd fd, ByteBuffer direct) {
        return transfer(SystemCall.READ, fd, direct);
    }

    /** write(2) from the buffer's remaining bytes; the number of bytes, -1 if there is no room now (EAGAIN). */
    public static int write(Fd fd, ByteBuffer direct) {
        return transfer(SystemCall.WRITE, fd, direct);
    }

    private static int transfer(SystemCall call, Fd fd, ByteBuffer direct) {
        var address = SystemCall.address(direct);
        while (true) {
            var result = call.tryCall(fd.number(), address, direct.remaining(), 0, 0, 0);
            if (result >= 0) {
                direct.position(direct.position() + (int) result);
                return (int) result;
            }
            if (result == -Errno.EAGAIN) {
                return -1;
            }
            if (result != -Errno.EINTR) {
                throw call.failed((int) -result, fd);
            }
        }
    }

    /** fcntl(2) F_DUPFD_CLOEXEC: another descriptor of the same open file. */
    public static Fd dup(Fd fd) {
        return dupFrom(fd, 0);
    }

    /** As {@link #dup}, with a number of at least {@code lowest}. */
    static Fd dupFrom(Fd fd, int lowest) {
        return Fd.owned((int) SystemCall.FCNTL.call(fd, fd.number(), F_DUPFD_CLOEXEC, lowest));
    }

    /** fcntl(2) F_SETFL: reads and writes return at once. */
    public static void setNonBlocking(Fd fd) {
        var flags = SystemCall.FCNTL.call(fd, fd.number(), F_GETFL);
        SystemCall.FCNTL.call(fd, fd.number(), F_SETFL, flags | O_NONBLOCK);
    }

    /** What to wait for on a descriptor. */
    public record Interest(Fd fd, int events) {}

    /** ppoll(2): which of these are ready, by index; none when the deadline passed first. */
    public static BitSet poll(List<Interest> interests, Deadline deadline) {
        try (var arena = Arena.ofConfined()) {
            var fds = arena.allocate(8L * interests.size(), 4);
            var timeout = arena.allocate(16, 8);
            for (var i = 0; i < interests.size(); i++) {
                fds.set(ValueLayout.JAVA_INT, 8L * i, interests.get(i).fd().number());
                fds.set(ValueLayout.JAVA_SHORT, 8L * i + 4, (short)
                        interests.get(i).events());
            }
            long result;
            do {
                var remaining = deadline.remaining();
                timeout.set(ValueLayout.JAVA_LONG, 0, remaining.getSeconds());
                timeout.set(ValueLayout.JAVA_LONG, 8, remaining.getNano());
                result = SystemCall.PPOLL.tryCall(fds.address(), interests.size(), timeout.address(), 0, 0, 0);
            } while (result == -Errno.EINTR);
            if (result < 0) {
                throw SystemCall.PPOLL.failed((int) -result, interests);
            }
            var ready = new BitSet();
            for (var i = 0; i < interests.size(); i++) {
                if (fds.get(ValueLayout.JAVA_SHORT, 8L * i + 6) != 0) {
                    ready.set(i);
                }
            }
            return ready;
        }
    }

    /** fsync(2). A failure means that what was written is lost; it must not be repeated in the hope of better. */
    public static void fsync(Fd fd, Object subject) {
        SystemCall.FSYNC.call(subject, fd.number());
    }

    /** flock(2), exclusive: false if another open file holds it. */
    public static boolean tryLock(Fd fd) {
        var result = SystemCall.FLOCK.tryCall(fd.number(), LOCK_EX | LOCK_NB, 0, 0, 0, 0);
        if (result < 0 && result != -Errno.EAGAIN) {
            throw SystemCall.FLOCK.failed((int) -result, fd);
        }
        return result == 0;
    }
}
