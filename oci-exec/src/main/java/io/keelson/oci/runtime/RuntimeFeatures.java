package io.keelson.oci.runtime;

import java.util.Optional;

/**
 * What a runtime is and can do on this node.
 *
 * @param version as it says itself, {@code crun 1.8.1}
 * @param recursiveReadOnlyMounts it knows the mount option {@code rro}
 * @param idMappedMounts it knows {@code uidMappings} and {@code gidMappings} of mounts
 * @param mountTreesInUserNamespaces in a user namespace, it mounts what is mounted below a source as well, and what will be
 * @param problem why it cannot run containers here, for people; absent if nothing is known to be wrong
 */
public record RuntimeFeatures(
        String version,
        boolean recursiveReadOnlyMounts,
        boolean idMappedMounts,
        boolean mountTreesInUserNamespaces,
        Optional<String> problem) {
    /** Of a runtime that does not answer, or is not there. */
    public static RuntimeFeatures none(String problem) {
        return new RuntimeFeatures("", false, false, false, Optional.of(problem));
    }
}
