package io.keelson.image.layer;

import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.Xattr;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The extended form of an EROFS inode with its inline attributes (Documentation/filesystems/erofs.rst, "On-disk details"). */
final class ErofsInode {
    static final int BYTES = 64;
    static final int LINK_COUNT_OFFSET = 44;
    static final int FLAT = 0;
    static final int FLAT_INLINE_TAIL = 2;
    static final int CHUNK_BASED = 4;
    /** "No block": a hole, or a file without full blocks. */
    static final int NO_BLOCK = -1;

    static final int S_IFIFO = 0x1000;
    static final int S_IFCHR = 0x2000;
    static final int S_IFDIR = 0x4000;
    static final int S_IFBLK = 0x6000;
    static final int S_IFREG = 0x8000;
    static final int S_IFLNK = 0xA000;

    private static final int EXTENDED = 1;
    private static final int XATTR_HEADER_BYTES = 12;
    private static final int XATTR_ENTRY_BYTES = 4;

    private static final byte[] USER = ByteNames.ascii("user.");
    private static final byte[] TRUSTED = ByteNames.ascii("trusted.");
    private static final byte[] SECURITY = ByteNames.ascii("security.");
    private static final byte[] ACL_ACCESS = ByteNames.ascii("system.posix_acl_access");
    private static final byte[] ACL_DEFAULT = ByteNames.ascii("system.posix_acl_default");
    private static final byte[] TRUSTED_OVERLAY = ByteNames.ascii("trusted.overlay.");
    private static final byte[] USER_OVERLAY = ByteNames.ascii("user.overlay.");
    static final Xattr OPAQUE = new Xattr(ByteNames.ascii("trusted.overlay.opaque"), ByteNames.ascii("y"));

    /**
     * @param mode with type bits
     * @param data first block, device number, or chunk format
     */
    record Head(int mode, long size, int layout, int data, int number, int links) {}

    private ErofsInode() {}

    /** An attribute as it is stored: index of its prefix, and the rest of the name. */
    private record Stored(int index, int prefixBytes, Xattr xattr) {
        int nameBytes() {
            return xattr.name().length - prefixBytes;
        }

        int bytes() {
            return (XATTR_ENTRY_BYTES + nameBytes() + xattr.value().length + 3) & ~3;
        }
    }

    /** Attributes that the overlay gives a meaning to are ours alone; those of unknown name spaces cannot be stored. */
    static boolean isKept(Xattr xattr) {
        return !ByteNames.startsWith(xattr.name(), TRUSTED_OVERLAY)
                && !ByteNames.startsWith(xattr.name(), USER_OVERLAY)
                && stored(xattr).index() != 0;
    }

    private static Stored stored(Xattr xattr) {
        var name = xattr.name();
        if (xattr.isNamed(ACL_ACCESS)) {
            return new Stored(2, name.length, xattr);
        }
        if (xattr.isNamed(ACL_DEFAULT)) {
            return new Stored(3, name.length, xattr);
        }
        if (name.length > USER.length && ByteNames.startsWith(name, USER)) {
            return new Stored(1, USER.length, xattr);
        }
        if (name.length > TRUSTED.length && ByteNames.startsWith(name, TRUSTED)) {
            return new Stored(4, TRUSTED.length, xattr);
        }
        if (name.length > SECURITY.length && ByteNames.startsWith(name, SECURITY)) {
            return new Stored(6, SECURITY.length, xattr);
        }
        return new Stored(0, 0, xattr);
    }

    /** What the names of an index begin with. */
    static byte[] prefix(int index) {
        return switch (index) {
            case 1 -> USER;
            case 2 -> ACL_ACCESS;
            case 3 -> ACL_DEFAULT;
            case 4 -> TRUSTED;
            case 6 -> SECURITY;
            default -> new byte[0];
        };
    }

    /** The attribute area behind an inode; empty if it has none. */
    static byte[] xattrArea(List<Xattr> xattrs, boolean opaque) {
        if (xattrs.isEmpty() && !opaque) {
            return new byte[0];
        }
        var kept = new ArrayList<>(xattrs.stream()
                .filter(ErofsInode::isKept)
                .map(ErofsInode::stored)
                .toList());
        if (opaque) {
            kept.add(stored(OPAQUE));
        }
        if (kept.isEmpty()) {
            return new byte[0];
        }
        var length = XATTR_HEADER_BYTES + kept.stream().mapToInt(Stored::bytes).sum();
        var area = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        area.position(XATTR_HEADER_BYTES);
        for (var entry : kept) {
            var start = area.position();
            var value = entry.xattr().value();
            area.put((byte) entry.nameBytes()).put((byte) entry.index()).putShort((short) value.length);
            area.put(entry.xattr().name(), entry.prefixBytes(), entry.nameBytes());
            area.put(value).position(start + entry.bytes());
        }
        return area.array();
    }

    /** The inode with its attribute area, ready to be followed by a tail. */
    static byte[] encode(Head head, Attributes attributes, byte[] xattrArea) {
        var bytes = ByteBuffer.allocate(BYTES + xattrArea.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putShort(0, (short) (EXTENDED | head.layout() << 1));
        bytes.putShort(2, (short) (xattrArea.length == 0 ? 0 : (xattrArea.length - XATTR_HEADER_BYTES) / 4 + 1));
        bytes.putShort(4, (short) (head.mode() | attributes.permissions()));
        bytes.putLong(8, head.size());
        bytes.putInt(16, head.data());
        bytes.putInt(20, head.number());
        bytes.putInt(24, (int) attributes.uid());
        bytes.putInt(28, (int) attributes.gid());
        bytes.putLong(32, attributes.mtimeSeconds());
        bytes.putInt(40, attributes.mtimeNanos());
        bytes.putInt(LINK_COUNT_OFFSET, head.links());
        bytes.put(BYTES, xattrArea);
        return bytes.array();
    }

    /** A device's number as Linux stores it. */
    static int device(int major, int minor) {
        return (minor & 0xFF) | major << 8 | (minor & ~0xFF) << 12;
    }
}
