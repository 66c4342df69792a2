package io.keelson.pod.container;

import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.namespace.NamespaceOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A container's security settings (CRI v1, LinuxContainerSecurityContext).
 *
 * @param addCapabilities and the two after it: names with or without {@code CAP_}, or {@code ALL}
 * @param runAsUsername empty if a uid is given, or neither
 * @param mergesImageGroups SupplementalGroupsPolicy: Merge is true, Strict false
 * @param maskedPaths none means the usual ones: the wire cannot tell an empty list from none, and Kubernetes asks for none to be
 *     masked in pods with a user namespace only; the same goes for {@code readonlyPaths}
 * @param seccomp absent is unconfined, as is absent AppArmor
 */
public record ContainerSecurity(
        List<String> addCapabilities,
        List<String> dropCapabilities,
        List<String> addAmbientCapabilities,
        boolean privileged,
        NamespaceOptions namespaces,
        Optional<SelinuxLabel> selinux,
        OptionalLong runAsUser,
        OptionalLong runAsGroup,
        String runAsUsername,
        boolean readonlyRootfs,
        List<Long> supplementalGroups,
        boolean mergesImageGroups,
        boolean noNewPrivileges,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        Optional<SecurityProfile> seccomp,
        Optional<SecurityProfile> apparmor) {
    public ContainerSecurity {
        addCapabilities = List.copyOf(addCapabilities);
        dropCapabilities = List.copyOf(dropCapabilities);
        addAmbientCapabilities = List.copyOf(addAmbientCapabilities);
        supplementalGroups = List.copyOf(supplementalGroups);
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
    }

    /** Nothing asked for. */
    public static ContainerSecurity defaults() {
        return new ContainerSecurity(
                List.of(),
                List.of(),
                List.of(),
                false,
                NamespaceOptions.defaults(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                "",
                false,
                List.of(),
                true,
                false,
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }
}
