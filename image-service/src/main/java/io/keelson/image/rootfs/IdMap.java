package io.keelson.image.rootfs;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Whose the files of a root file system are on the node. An image's owners are numbers from 0 on; a container in a user namespace
 * has ranges of the node's ids that stand for them.
 *
 * @param userNamespace that has just this mapping; absent if ids are as they are
 */
public record IdMap(Optional<Path> userNamespace, Range uids, Range gids) {
    /** Ids are as they are. */
    public static final IdMap IDENTITY = new IdMap(Optional.empty(), Range.ALL, Range.ALL);

    /** What the kernel shows instead of an id that is not mapped (user_namespaces(7)). */
    private static final long OVERFLOW = 65_534;

    /** The node's ids that stand for 0 and the numbers after it. */
    public record Range(long first, long length) {
        static final Range ALL = new Range(0, 1L << 32);

        long of(long id) {
            return id < length ? first + id : OVERFLOW;
        }
    }

    /** By the mapping of a user namespace that is pinned there. */
    public static IdMap of(Path userNamespace, Range uids, Range gids) {
        return new IdMap(Optional.of(userNamespace), uids, gids);
    }

    long uid(long id) {
        return uids.of(id);
    }

    long gid(long id) {
        return gids.of(id);
    }

    /** The node's id of the user who is root in the container. */
    public long rootUid() {
        return uid(0);
    }

    /** The node's id of that user's group. */
    public long rootGid() {
        return gid(0);
    }
}
