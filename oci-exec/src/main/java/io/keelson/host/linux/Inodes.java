package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Calls on the inodes of a file system, relative to an open directory wherever the names are not our own. */
public final class Inodes {
    public static final int S_IFMT = 0xF000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFLNK = 0xA000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFIFO = 0x1000;

    /** sync_file_range(2): start writing, wait for nothing. */
    public static final int SYNC_FILE_RANGE_WRITE = 2;

    /** renameat2(2): a name that exists is not replaced (EEXIST). */
    public static final int RENAME_NOREPLACE = 1;
    /** renameat2(2): both names exist, and stand for each other's file afterwards. */
    public static final int RENAME_EXCHANGE = 2;

    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_MNT_ID = 0x1000;
    private static final int STATX_BLOCK_BYTES = 512;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int MAX_XATTR_BYTES = 65536;
    private static final int PATH_MAX = 4096;

    private Inodes() {}

    /** What statx(2) tells; times in nanoseconds since the epoch. */
    public record Stat(
            int mode,
            long inode,
            long links,
            long uid,
            long gid,
            long sizeBytes,
            long allocatedBytes,
            long mtimeNanos,
            int deviceMajor,
            int deviceMinor,
            int specialMajor,
            int specialMinor,
            long mountId,
            boolean isMountRoot) {
        public boolean isDirectory() {
            return (mode & S_IFMT) == S_IFDIR;
        }

        public boolean isRegularFile() {
            return (mode & S_IFMT) == S_IFREG;
        }

        public boolean isSymbolicLink() {
            return (mode & S_IFMT) == S_IFLNK;
        }

        public boolean isOnSameMountAs(Stat other) {
            return mountId == other.mountId && deviceMajor == other.deviceMajor && deviceMinor == other.deviceMinor;
        }
    }

    /** What statfs(2) tells. */
    public record FileSystem(
            long type, long blockSizeBytes, long blocks, long availableBlocks, long files, long freeFiles) {
        public static final long CGROUP2 = 0x63677270L;
        public static final long CGROUP = 0x27e0ebL;
        public static final long TMPFS = 0x01021994L;
        public static final long NSFS = 0x6e736673L;
        public static final long EROFS = 0xE0F5E1E2L;
        public static final long OVERLAY = 0x794c7630L;
    }

    /** statx(2) of what the descriptor refers to. */
    public static Stat stat(Fd fd) {
        try (var arena = Arena.ofConfined()) {
            return statx(arena, fd.number(), SystemCall.string(arena, ""), Descriptors.AT_EMPTY_PATH, fd);
        }
    }

    /** statx(2): how many links the descriptor's inode has, for who asks nothing else and often; negative if it fails. */
    public static long links(Fd fd) {
        var room = ReadingRoom.take();
        try {
            return room.links(fd);
        } finally {
            room.giveBack();
        }
    }

    /** statx(2) without following a link in the last name; absent if there is nothing of that name. */
    public static Optional<Stat> lstatat(Fd directory, String name) {
        return lstat(directory.number(), name);
    }

    /** statx(2) without following a link in the last name; absent if there is nothing of that name. */
    public static Optional<Stat> lstat(Path path) {
        return lstat(Descriptors.AT_FDCWD, path.toString());
    }

    /** As {@link #lstatat(Fd, String)}, with a name as the bytes that it is. */
    public static Optional<Stat> lstatat(Fd directory, byte[] name) {
        try (var arena = Arena.ofConfined()) {
            return lstat(arena, directory.number(), SystemCall.name(arena, name), directory);
        }
    }

    private static Optional<Stat> lstat(int directory, String name) {
        try (var arena = Arena.ofConfined()) {
            return lstat(arena, directory, SystemCall.string(arena, name), name);
        }
    }

    private static Optional<Stat> lstat(Arena arena, int directory, long name, Object subject) {
        try {
            return Optional.of(statx(arena, directory, name, Descriptors.AT_SYMLINK_NOFOLLOW, subject));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    static Stat statx(Arena arena, int directory, long name, int flags, Object subject) {
        var buffer = arena.allocate(256, 8);
        SystemCall.STATX.call(subject, directory, name, flags, STATX_BASIC_STATS | STATX_MNT_ID, buffer.address());
        return new Stat(
                Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT, 28)),
                buffer.get(ValueLayout.JAVA_LONG, 32),
                Integer.toUnsignedLong(buffer.get(ValueLayout.JAVA_INT, 16)),
                Integer.toUnsignedLong(buffer.get(ValueLayout.JAVA_INT, 20)),
                Integer.toUnsignedLong(buffer.get(ValueLayout.JAVA_INT, 24)),
                buffer.get(ValueLayout.JAVA_LONG, 40),
                buffer.get(ValueLayout.JAVA_LONG, 48) * STATX_BLOCK_BYTES,
                buffer.get(ValueLayout.JAVA_LONG, 112) * 1_000_000_000L + buffer.get(ValueLayout.JAVA_INT, 120),
                buffer.get(ValueLayout.JAVA_INT, 136),
                buffer.get(ValueLayout.JAVA_INT, 140),
                buffer.get(ValueLayout.JAVA_INT, 128),
                buffer.get(ValueLayout.JAVA_INT, 132),
                buffer.get(ValueLayout.JAVA_LONG, 144),
                (buffer.get(ValueLayout.JAVA_LONG, 8) & STATX_ATTR_MOUNT_ROOT) != 0);
    }

    /** statfs(2). */
    public static FileSystem statfs(Path path) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(120, 8);
            SystemCall.STATFS.call(path, SystemCall.path(arena, path), buffer.address());
            return new FileSystem(
                    buffer.get(ValueLayout.JAVA_LONG, 0) & 0xFFFFFFFFL,
                    buffer.get(ValueLayout.JAVA_LONG, 8),
                    buffer.get(ValueLayout.JAVA_LONG, 16),
                    buffer.get(ValueLayout.JAVA_LONG, 32),
                    buffer.get(ValueLayout.JAVA_LONG, 40),
                    buffer.get(ValueLayout.JAVA_LONG, 48));
        }
    }

    /** mkdirat(2). */
    public static void mkdirat(Fd directory, String name, int mode) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.MKDIRAT.call(name, directory.number(), SystemCall.string(arena, name), mode);
        }
    }

    /** symlinkat(2). */
    public static void symlinkat(String target, Fd directory, String name) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.SYMLINKAT.call(
                    name, SystemCall.string(arena, target), directory.number(), SystemCall.string(arena, name));
        }
    }

    /** mknodat(2); {@code mode} has the type bits. */
    public static void mknodat(Fd directory, String name, int mode, int major, int minor) {
        try (var arena = Arena.ofConfined()) {
            var device = (minor & 0xFF) | ((major & 0xFFF) << 8) | ((long) (minor & ~0xFF) << 12);
            SystemCall.MKNODAT.call(name, directory.number(), SystemCall.string(arena, name), mode, device);
        }
    }

    /** fchownat(2) of the descriptor itself. */
    public static void fchown(Fd fd, long uid, long gid) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.FCHOWNAT.call(
                    fd, fd.number(), SystemCall.string(arena, ""), uid, gid, Descriptors.AT_EMPTY_PATH);
        }
    }

    /** fchmod(2). */
    public static void fchmod(Fd fd, int mode) {
        SystemCall.FCHMOD.call(fd, fd.number(), mode);
    }

    /** unlinkat(2); {@code flags} 0 or {@link Descriptors#AT_REMOVEDIR}. */
    public static void unlinkat(Fd directory, String name, int flags) {
        unlinkat(directory, name.getBytes(StandardCharsets.UTF_8), flags);
    }

    /** unlinkat(2), with a name as the bytes that it is. */
    public static void unlinkat(Fd directory, byte[] name, int flags) {
        try (var arena = Arena.ofConfined()) {
            var result = SystemCall.UNLINKAT.tryCall(directory.number(), SystemCall.name(arena, name), flags, 0, 0, 0);
            if (result < 0) {
                throw SystemCall.UNLINKAT.failed((int) -result, new String(name, StandardCharsets.UTF_8));
            }
        }
    }

    /** renameat2(2); {@code flags} 0, {@link #RENAME_NOREPLACE} or {@link #RENAME_EXCHANGE}. */
    public static void renameat2(Fd fromDirectory, byte[] from, Fd toDirectory, byte[] to, int flags) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.RENAMEAT2.call(
                    new String(from, StandardCharsets.UTF_8),
                    fromDirectory.number(),
                    SystemCall.name(arena, from),
                    toDirectory.number(),
                    SystemCall.name(arena, to),
                    flags);
        }
    }

    /** readlinkat(2). */
    public static String readlinkat(Fd directory, String name) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(PATH_MAX);
            var length = SystemCall.READLINKAT.call(
                    name, directory.number(), SystemCall.string(arena, name), buffer.address(), PATH_MAX);
            var bytes = new byte[(int) length];
            buffer.asByteBuffer().get(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** fsetxattr(2). */
    public static void fsetxattr(Fd fd, String name, byte[] value) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.FSETXATTR.call(
                    name, fd.number(), SystemCall.string(arena, name), SystemCall.bytes(arena, value), value.length, 0);
        }
    }

    /** setxattr(2) of what the descriptor refers to, which may be opened with {@link Descriptors#O_PATH} alone. */
    public static void setxattr(Fd fd, String name, byte[] value) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.SETXATTR.call(
                    name,
                    SystemCall.path(arena, fd.procPath()),
                    SystemCall.string(arena, name),
                    SystemCall.bytes(arena, value),
                    value.length,
                    0);
        }
    }

    /** lgetxattr(2); absent if the file has no such attribute. */
    public static Optional<byte[]> lgetxattr(Path path, String name) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(MAX_XATTR_BYTES);
            var length = SystemCall.LGETXATTR.call(
                    path,
                    SystemCall.path(arena, path),
                    SystemCall.string(arena, name),
                    buffer.address(),
                    MAX_XATTR_BYTES);
            var bytes = new byte[(int) length];
            buffer.asByteBuffer().get(bytes);
            return Optional.of(bytes);
        } catch (LinuxException e) {
            if (e.is(Errno.ENODATA)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** llistxattr(2). */
    public static List<String> llistxattr(Path path) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(MAX_XATTR_BYTES);
            var length =
                    SystemCall.LLISTXATTR.call(path, SystemCall.path(arena, path), buffer.address(), MAX_XATTR_BYTES);
            var names = new ArrayList<String>();
            for (var at = 0L; at < length; ) {
                var name = buffer.getString(at);
                names.add(name);
                at += name.getBytes(StandardCharsets.UTF_8).length + 1L;
            }
            return names;
        }
    }

    /** sync_file_range(2). */
    public static void syncFileRange(Fd fd, long offset, long length, int flags) {
        SystemCall.SYNC_FILE_RANGE.call(fd, fd.number(), offset, length, flags);
    }

    /** ftruncate(2). */
    public static void ftruncate(Fd fd, long length) {
        SystemCall.FTRUNCATE.call(fd, fd.number(), length);
    }
}
