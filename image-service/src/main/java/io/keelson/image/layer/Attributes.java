package io.keelson.image.layer;

import java.util.List;

/**
 * What an inode says about itself beside its contents.
 *
 * @param permissions the lower twelve bits of the mode
 * @param mtimeNanos 0 to 999,999,999
 */
record Attributes(int permissions, long uid, long gid, long mtimeSeconds, int mtimeNanos, List<Xattr> xattrs) {
    /** Of a directory about which nothing is known. */
    static final Attributes IMPLIED = new Attributes(0755, 0, 0, 0, 0, List.of());

    Attributes {
        xattrs = List.copyOf(xattrs);
    }

    Attributes withPermissions(int other) {
        return new Attributes(other, uid, gid, mtimeSeconds, mtimeNanos, xattrs);
    }
}
