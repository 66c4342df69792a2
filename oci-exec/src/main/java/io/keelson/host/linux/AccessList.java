package io.keelson.host.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.SortedSet;

/** POSIX access control lists (acl(5)) as the kernel keeps them, in an extended attribute. */
public final class AccessList {
    private static final String ATTRIBUTE = "system.posix_acl_access";
    private static final int VERSION = 2;
    private static final int HEADER_BYTES = 4;
    private static final int ENTRY_BYTES = 8;

    private static final short USER_OBJ = 0x01;
    private static final short USER = 0x02;
    private static final short GROUP_OBJ = 0x04;
    private static final short MASK = 0x10;
    private static final short OTHER = 0x20;

    private static final short NOTHING = 0;
    private static final short SEARCH = 1;
    private static final short EVERYTHING = 7;
    private static final int UNDEFINED = -1;

    private AccessList() {}

    /**
     * Closes the directory to everybody but its owner, except that these users may pass through it to what they know by name.
     *
     * @throws LinuxException EOPNOTSUPP where the file system has no access control lists, ENOSPC where it has no room for so many
     */
    public static void setPassage(Path directory, SortedSet<Long> uids) {
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
            Inodes.fsetxattr(fd, ATTRIBUTE, encode(uids));
        } catch (LinuxException e) {
            // Without lists there is none to be emptied.
            if (!uids.isEmpty() || !e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
    }

    /** Whether the file system that the file lies on has access control lists. */
    public static boolean isSupported(Path file) {
        try {
            Inodes.lgetxattr(file, ATTRIBUTE);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EOPNOTSUPP)) {
                return false;
            }
            throw e;
        }
    }

    /** Without a user it says what mode 0700 says, and the kernel keeps only that. */
    static byte[] encode(SortedSet<Long> uids) {
        var entries = uids.isEmpty() ? 3 : 4 + uids.size();
        var list = ByteBuffer.allocate(HEADER_BYTES + entries * ENTRY_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION);
        put(list, USER_OBJ, EVERYTHING, UNDEFINED);
        uids.forEach(uid -> put(list, USER, SEARCH, (int) (long) uid));
        put(list, GROUP_OBJ, NOTHING, UNDEFINED);
        if (!uids.isEmpty()) {
            put(list, MASK, SEARCH, UNDEFINED);
        }
        put(list, OTHER, NOTHING, UNDEFINED);
        return list.array();
    }

    private static void put(ByteBuffer list, short tag, short permissions, int id) {
        list.putShort(tag).putShort(permissions).putInt(id);
    }
}
