package io.keelson.pod.namespace;

import java.util.List;

/** A pod's user namespace (CRI v1, UserNamespace). */
public record UserNamespace(NamespaceMode mode, List<IdMapping> uids, List<IdMapping> gids) {
    /** A range of ids inside and the range outside that they are. */
    public record IdMapping(long hostId, long containerId, long length) {}

    public UserNamespace {
        uids = List.copyOf(uids);
        gids = List.copyOf(gids);
    }
}
