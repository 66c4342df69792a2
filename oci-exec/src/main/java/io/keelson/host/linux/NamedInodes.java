package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Calls on inodes by names as the bytes that they are, in an open directory, for trees whose names somebody else chose. The last name is
 * never followed if it is a link.
 */
public final class NamedInodes {
    private static final int MAX_XATTR_BYTES = 65536;
    private static final int PATH_MAX = 4096;
    private static final int SEEK_DATA = 3;

    private NamedInodes() {}

    /** mkdirat(2). */
    public static void mkdirat(Fd directory, byte[] name, int mode) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.MKDIRAT.call(text(name), directory.number(), SystemCall.name(arena, name), mode);
        }
    }

    /** symlinkat(2). */
    public static void symlinkat(byte[] target, Fd directory, byte[] name) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.SYMLINKAT.call(
                    text(name), SystemCall.name(arena, target), directory.number(), SystemCall.name(arena, name));
        }
    }

    /** linkat(2): one more name. */
    public static void linkat(Fd fromDirectory, byte[] from, Fd toDirectory, byte[] to) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.LINKAT.call(
                    text(to),
                    fromDirectory.number(),
                    SystemCall.name(arena, from),
                    toDirectory.number(),
                    SystemCall.name(arena, to),
                    0);
        }
    }

    /** mknodat(2); {@code mode} has the type bits, {@code device} is a number as Linux stores it. */
    public static void mknodat(Fd directory, byte[] name, int mode, int device) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.MKNODAT.call(
                    text(name), directory.number(), SystemCall.name(arena, name), mode, Integer.toUnsignedLong(device));
        }
    }

    /** statx(2). */
    public static Inodes.Stat stat(Fd directory, byte[] name) {
        try (var arena = Arena.ofConfined()) {
            return Inodes.statx(
                    arena,
                    directory.number(),
                    SystemCall.name(arena, name),
                    Descriptors.AT_SYMLINK_NOFOLLOW,
                    text(name));
        }
    }

    /** readlinkat(2). */
    public static byte[] readlinkat(Fd directory, byte[] name) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(PATH_MAX);
            var length = SystemCall.READLINKAT.call(
                    text(name), directory.number(), SystemCall.name(arena, name), buffer.address(), PATH_MAX);
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** llistxattr(2): the names of the attributes. */
    public static List<byte[]> llistxattr(Fd directory, byte[] name) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(MAX_XATTR_BYTES);
            var length = SystemCall.LLISTXATTR.call(
                    text(name), path(arena, directory, name), buffer.address(), MAX_XATTR_BYTES);
            return split(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static List<byte[]> split(byte[] terminated) {
        var names = new ArrayList<byte[]>();
        for (var start = 0; start < terminated.length; ) {
            var end = start;
            while (terminated[end] != 0) {
                end++;
            }
            names.add(Arrays.copyOfRange(terminated, start, end));
            start = end + 1;
        }
        return names;
    }

    /** lgetxattr(2) of an attribute that is there. */
    public static byte[] lgetxattr(Fd directory, byte[] name, byte[] attribute) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(MAX_XATTR_BYTES);
            var length = SystemCall.LGETXATTR.call(
                    text(name),
                    path(arena, directory, name),
                    SystemCall.name(arena, attribute),
                    buffer.address(),
                    MAX_XATTR_BYTES);
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** These calls take no directory; /proc has a path to it (proc_pid_fd(5)). */
    private static long path(Arena arena, Fd directory, byte[] name) {
        var above = (directory.procPath() + "/").getBytes(StandardCharsets.US_ASCII);
        var path = Arrays.copyOf(above, above.length + name.length);
        System.arraycopy(name, 0, path, above.length, name.length);
        return SystemCall.name(arena, path);
    }

    /** setxattr(2) of what the descriptor refers to, which may be opened with {@link Descriptors#O_PATH} alone. */
    public static void setxattr(Fd fd, byte[] attribute, byte[] value) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.SETXATTR.call(
                    text(attribute),
                    SystemCall.path(arena, fd.procPath()),
                    SystemCall.name(arena, attribute),
                    SystemCall.bytes(arena, value),
                    value.length,
                    0);
        }
    }

    /** chmod(2) of what the descriptor refers to, which is no link and may be opened with {@link Descriptors#O_PATH} alone. */
    public static void chmod(Fd fd, int mode) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.FCHMODAT.call(fd, Descriptors.AT_FDCWD, SystemCall.path(arena, fd.procPath()), mode);
        }
    }

    /** utimensat(2) of what the descriptor refers to, both times; it may be opened with {@link Descriptors#O_PATH} alone. */
    public static void setTimes(Fd fd, long seconds, int nanos) {
        try (var arena = Arena.ofConfined()) {
            var times = arena.allocate(32, 8);
            setTime(times, 0, seconds, nanos);
            setTime(times, 16, seconds, nanos);
            SystemCall.UTIMENSAT.call(
                    fd, fd.number(), SystemCall.string(arena, ""), times.address(), Descriptors.AT_EMPTY_PATH);
        }
    }

    private static void setTime(MemorySegment times, long at, long seconds, long nanos) {
        times.set(ValueLayout.JAVA_LONG, at, seconds);
        times.set(ValueLayout.JAVA_LONG, at + 8, nanos);
    }

    /** lseek(2) SEEK_DATA: the next read is of what is stored at or behind the offset, which is told; -1 if nothing is. */
    public static long seekData(Fd fd, long offset) {
        var found = SystemCall.LSEEK.tryCall(fd.number(), offset, SEEK_DATA, 0, 0, 0);
        if (found == -Errno.ENXIO) {
            return -1;
        }
        if (found < 0) {
            throw SystemCall.LSEEK.failed((int) -found, fd);
        }
        return found;
    }

    /** lseek(2) SEEK_SET: the next read is at the offset, which is told. */
    public static long seek(Fd fd, long offset) {
        return SystemCall.LSEEK.call(fd, fd.number(), offset);
    }

    /** syncfs(2): all of the file system that the descriptor is on has been written. */
    public static void syncfs(Fd fd) {
        SystemCall.SYNCFS.call(fd, fd.number());
    }

    private static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
