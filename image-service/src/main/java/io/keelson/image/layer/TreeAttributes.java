package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.NamedInodes;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.Xattr;
import java.util.List;

/** Gives an inode of a tree what the tar says about it: by descriptor, never by a path that somebody could have exchanged. */
final class TreeAttributes {
    private static final byte[] USER = ByteNames.ascii("user.");

    private TreeAttributes() {}

    /** Owner first, since a change of it takes privileges away; times last. */
    static void apply(Fd fd, int type, Attributes attributes, boolean isOpaque) {
        Inodes.fchown(fd, attributes.uid(), attributes.gid());
        if (type != Inodes.S_IFLNK) {
            NamedInodes.chmod(fd, attributes.permissions());
        }
        setXattrs(fd, type, attributes.xattrs());
        if (isOpaque) {
            set(fd, ErofsInode.OPAQUE);
        }
        NamedInodes.setTimes(fd, attributes.mtimeSeconds(), attributes.mtimeNanos());
    }

    private static void setXattrs(Fd fd, int type, List<Xattr> xattrs) {
        for (var xattr : xattrs) {
            if (ErofsInode.isKept(xattr) && canHave(type, xattr)) {
                set(fd, xattr);
            }
        }
    }

    /** Links and devices can have no attributes of users (xattr(7)); where such are stored, nobody can read them. */
    private static boolean canHave(int type, Xattr xattr) {
        return type == Inodes.S_IFREG || type == Inodes.S_IFDIR || !ByteNames.startsWith(xattr.name(), USER);
    }

    private static void set(Fd fd, Xattr xattr) {
        try {
            NamedInodes.setxattr(fd, xattr.name(), xattr.value());
        } catch (LinuxException e) {
            var what = "cannot set its attribute " + ByteNames.quote(xattr.name()) + ": ";
            if (e.is(Errno.EINVAL) || e.is(Errno.EPERM)) {
                throw new Failure(Failure.Kind.INVALID, what + e.getMessage(), e);
            }
            if (e.is(Errno.ENOSPC) || e.is(Errno.E2BIG) || e.is(Errno.ERANGE)) {
                throw new Failure(Failure.Kind.EXHAUSTED, what + "the disk, or the room for attributes, is full", e);
            }
            throw e;
        }
    }
}
