package io.keelson.oci.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * The namespaces of a container; its mount namespace is always new.
 *
 * @param cgroup {@link Host} with cgroup version 1, {@link Fresh} otherwise
 * @param uidMappings needed if {@code user} is not {@link Host}
 */
public record NamespaceChoices(
        Choice network,
        Choice ipc,
        Choice uts,
        Choice pid,
        Choice user,
        Choice cgroup,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings) {
    /** Where one namespace comes from. */
    public sealed interface Choice {}

    public record Host() implements Choice {}

    public record Fresh() implements Choice {}

    /** One that is pinned at, or is the link of a process at, this path. */
    public record Join(Path path) implements Choice {}

    /** A range of ids in a user namespace (user_namespaces(7)). */
    public record IdMapping(long containerId, long hostId, long size) {}

    public NamespaceChoices {
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
    }

    /** Without a user namespace. */
    public static NamespaceChoices of(Choice network, Choice ipc, Choice uts, Choice pid, Choice cgroup) {
        return new NamespaceChoices(network, ipc, uts, pid, new Host(), cgroup, List.of(), List.of());
    }
}
