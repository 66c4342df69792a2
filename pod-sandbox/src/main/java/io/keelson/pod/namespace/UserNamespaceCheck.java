package io.keelson.pod.namespace;

import io.keelson.host.failure.Failure;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.util.List;

/**
 * Which user namespaces a pod may have (CRI v1, UserNamespace): one range of uids and one of gids, of which root is the first; since
 * the root user's files, and what the runtime makes for it, have to belong to somebody.
 */
public final class UserNamespaceCheck {
    private static final long IDS = (1L << 32) - 1;

    private UserNamespaceCheck() {}

    /** @throws Failure INVALID */
    public static void check(NamespaceOptions options) {
        options.user().ifPresent(user -> {
            switch (user.mode()) {
                case NODE -> {}
                case POD -> {
                    checkRange("uids", user.uids());
                    checkRange("gids", user.gids());
                    checkOthers(options);
                }
                case CONTAINER, TARGET ->
                    throw Failure.invalid("a pod's user namespace cannot have mode " + user.mode()
                            + ": it is the pod's own or the host's");
            }
        });
    }

    private static void checkRange(String what, List<IdMapping> mappings) {
        if (mappings.size() != 1) {
            throw Failure.invalid("a pod's user namespace needs exactly one mapping of " + what
                    + ", and the request has " + mappings.size());
        }
        var mapping = mappings.getFirst();
        if (mapping.containerId() != 0) {
            throw Failure.invalid("the mapping of " + what + " begins at " + mapping.containerId()
                    + " in the container: 0 is not mapped");
        }
        if (mapping.length() == 0 || mapping.hostId() + mapping.length() > IDS) {
            throw Failure.invalid("the mapping of " + what + " to " + mapping.length() + " ids from " + mapping.hostId()
                    + " on is empty, or goes beyond the last id");
        }
    }

    /** What belongs to the host's namespaces cannot be managed from a user namespace of the pod's own (user_namespaces(7)). */
    private static void checkOthers(NamespaceOptions options) {
        requireOwn("network", options.network());
        requireOwn("PID", options.pid());
        requireOwn("IPC", options.ipc());
    }

    private static void requireOwn(String what, NamespaceMode mode) {
        if (mode == NamespaceMode.NODE) {
            throw Failure.invalid(
                    "a pod with a user namespace of its own cannot have the host's " + what + " namespace");
        }
    }
}
