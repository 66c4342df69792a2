package io.keelson.image.tar;

import java.util.List;

/**
 * What an inode says about itself beside its contents.
 *
 * @param permissions the lower twelve bits of the mode
 * @param mtimeNanos 0 to 999,999,999
 */
public record Attributes(int permissions, long uid, long gid, long mtimeSeconds, int mtimeNanos, List<Xattr> xattrs) {
    /** Of a directory about which nothing is known. */
    public static final Attributes IMPLIED = new Attributes(0755, 0, 0, 0, 0, List.of());

    public Attributes {
        xattrs = List.copyOf(xattrs);
    }

    public Attributes withPermissions(int other) {
        return new Attributes(other, uid, gid, mtimeSeconds, mtimeNanos, xattrs);
    }
}
