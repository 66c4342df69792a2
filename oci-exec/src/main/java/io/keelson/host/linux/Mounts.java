package io.keelson.host.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Mounting: the mount API of Linux 5.2 (fsopen(2) and its kin), and the older mount(2) and umount2(2). */
public final class Mounts {
    public static final int MS_RDONLY = 1;
    public static final int MS_NOSUID = 2;
    public static final int MS_NODEV = 4;
    public static final int MS_NOEXEC = 8;
    public static final int MS_REMOUNT = 32;
    public static final int MS_BIND = 4096;
    public static final int MS_REC = 16384;
    public static final int MS_UNBINDABLE = 1 << 17;
    public static final int MS_PRIVATE = 1 << 18;
    public static final int MS_SLAVE = 1 << 19;
    public static final int MS_SHARED = 1 << 20;

    public static final int MNT_DETACH = 2;
    public static final int UMOUNT_NOFOLLOW = 8;

    public static final int MOUNT_ATTR_RDONLY = 1;
    public static final int MOUNT_ATTR_NOSUID = 2;
    public static final int MOUNT_ATTR_NODEV = 4;
    public static final int MOUNT_ATTR_NOEXEC = 8;
    public static final int MOUNT_ATTR_IDMAP = 0x100000;

    public static final int OPEN_TREE_CLONE = 1;
    public static final int AT_RECURSIVE = 0x8000;

    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int OPEN_TREE_CLOEXEC = Descriptors.O_CLOEXEC;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MESSAGE_BYTES = 4096;

    /** Longest value that {@link #fsconfigString} takes, in bytes; the kernel answers longer ones with EINVAL. */
    public static final int MAX_CONFIG_STRING_BYTES = 255;

    private Mounts() {}

    /** fsopen(2): a context in which a file system of this type is described. */
    public static Fd fsopen(String type) {
        try (var arena = Arena.ofConfined()) {
            return Fd.owned((int) SystemCall.FSOPEN.call(type, SystemCall.string(arena, type), FSOPEN_CLOEXEC));
        }
    }

    /** fsconfig(2) FSCONFIG_SET_STRING. */
    public static void fsconfigString(Fd context, String key, String value) {
        try (var arena = Arena.ofConfined()) {
            fsconfig(
                    context,
                    FSCONFIG_SET_STRING,
                    SystemCall.string(arena, key),
                    SystemCall.string(arena, value),
                    0,
                    key + "=" + value);
        }
    }

    /** fsconfig(2) FSCONFIG_SET_FLAG. */
    public static void fsconfigFlag(Fd context, String key) {
        try (var arena = Arena.ofConfined()) {
            fsconfig(context, FSCONFIG_SET_FLAG, SystemCall.string(arena, key), 0, 0, key);
        }
    }

    /** fsconfig(2) FSCONFIG_SET_FD. */
    public static void fsconfigFd(Fd context, String key, Fd value) {
        try (var arena = Arena.ofConfined()) {
            fsconfig(context, FSCONFIG_SET_FD, SystemCall.string(arena, key), 0, value.number(), key);
        }
    }

    /** fsconfig(2) FSCONFIG_CMD_CREATE: makes the file system that was described. */
    public static void fsconfigCreate(Fd context) {
        fsconfig(context, FSCONFIG_CMD_CREATE, 0, 0, 0, "create");
    }

    private static void fsconfig(Fd context, int command, long key, long value, int aux, String subject) {
        var result = SystemCall.FSCONFIG.tryCall(context.number(), command, key, value, aux, 0);
        if (result < 0) {
            throw SystemCall.FSCONFIG.failed((int) -result, subject + messages(context));
        }
    }

    /** What the file system says about its failure, which it leaves in the context to be read (fsopen(2)). */
    private static String messages(Fd context) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(MESSAGE_BYTES);
            var text = new StringBuilder();
            for (var lines = 0; lines < 8; lines++) {
                var length = SystemCall.READ.tryCall(context.number(), buffer.address(), MESSAGE_BYTES, 0, 0, 0);
                if (length <= 0) {
                    break;
                }
                var bytes = new byte[(int) length];
                buffer.asByteBuffer().get(bytes);
                text.append(text.isEmpty() ? " (" : "; ").append(new String(bytes, StandardCharsets.UTF_8).strip());
            }
            return text.isEmpty() ? "" : text.append(')').toString();
        }
    }

    /** fsmount(2): the created file system as a mount that is attached nowhere yet. */
    public static Fd fsmount(Fd context, int attributes) {
        var result = SystemCall.FSMOUNT.tryCall(context.number(), FSMOUNT_CLOEXEC, attributes, 0, 0, 0);
        if (result < 0) {
            throw SystemCall.FSMOUNT.failed((int) -result, messages(context).strip());
        }
        return Fd.owned((int) result);
    }

    /** move_mount(2): attaches a detached mount. */
    public static void moveMount(Fd mount, Path target) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.MOVE_MOUNT.call(
                    target,
                    mount.number(),
                    SystemCall.string(arena, ""),
                    Descriptors.AT_FDCWD,
                    SystemCall.path(arena, target),
                    MOVE_MOUNT_F_EMPTY_PATH);
        }
    }

    /** open_tree(2); with {@link #OPEN_TREE_CLONE} a detached copy of the mount. */
    public static Fd openTree(Path path, int flags) {
        try (var arena = Arena.ofConfined()) {
            return Fd.owned((int) SystemCall.OPEN_TREE.call(
                    path, Descriptors.AT_FDCWD, SystemCall.path(arena, path), flags | OPEN_TREE_CLOEXEC));
        }
    }

    /** mount_setattr(2) on a mount that is open; {@code propagation} 0 or one {@code MS_…}, {@code flags} as AT_RECURSIVE. */
    public static void mountSetattr(Fd mount, int flags, long set, long clear, long propagation) {
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocate(32, 8);
            attributes.set(ValueLayout.JAVA_LONG, 0, set);
            attributes.set(ValueLayout.JAVA_LONG, 8, clear);
            attributes.set(ValueLayout.JAVA_LONG, 16, propagation);
            SystemCall.MOUNT_SETATTR.call(
                    mount,
                    mount.number(),
                    SystemCall.string(arena, ""),
                    Descriptors.AT_EMPTY_PATH | flags,
                    attributes.address(),
                    attributes.byteSize());
        }
    }

    /**
     * mount_setattr(2) MOUNT_ATTR_IDMAP on a detached mount: an owner on disk is shown as what the user namespace, which is not the
     * initial one, makes of an id of its own.
     */
    public static void mapIds(Fd mount, Fd userNamespace) {
        try (var arena = Arena.ofConfined()) {
            var attributes = arena.allocate(32, 8);
            attributes.set(ValueLayout.JAVA_LONG, 0, MOUNT_ATTR_IDMAP);
            attributes.set(ValueLayout.JAVA_LONG, 24, userNamespace.number());
            SystemCall.MOUNT_SETATTR.call(
                    mount,
                    mount.number(),
                    SystemCall.string(arena, ""),
                    Descriptors.AT_EMPTY_PATH,
                    attributes.address(),
                    attributes.byteSize());
        }
    }

    /** mount(2); {@code type} and {@code data} may be empty. */
    public static void mount(String source, Path target, String type, long flags, String data) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.MOUNT.call(
                    target,
                    SystemCall.string(arena, source),
                    SystemCall.path(arena, target),
                    type.isEmpty() ? 0 : SystemCall.string(arena, type),
                    flags,
                    data.isEmpty() ? 0 : SystemCall.string(arena, data));
        }
    }

    /** A bind mount of one path on another; both exist. */
    public static void bind(Path source, Path target) {
        mount(source.toString(), target, "", MS_BIND, "");
    }

    /** umount2(2). */
    public static void umount2(Path target, int flags) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.UMOUNT2.call(target, SystemCall.path(arena, target), flags);
        }
    }

    /**
     * Unmounts everything stacked on this path; false if nothing was mounted, or there is nothing of this name. A busy mount
     * is detached: its users keep it, nobody new gets it.
     */
    public static boolean unmountAll(Path target) {
        var any = false;
        while (true) {
            try {
                umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
                any = true;
            } catch (LinuxException e) {
                if (e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) {
                    return any;
                }
                throw e;
            }
        }
    }

    /** The mounts of this process's namespace, in the order in which the kernel lists them. */
    public static List<MountInfo> mountInfo() {
        try {
            return MountInfo.parse(
                    new String(Files.readAllBytes(Path.of("/proc/self/mountinfo")), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether something is mounted on exactly this path (statx(2), STATX_ATTR_MOUNT_ROOT). */
    public static boolean isMountPoint(Path path) {
        return Inodes.lstat(path).map(Inodes.Stat::isMountRoot).orElse(false);
    }
}
