package io.keelson.pod;

import io.keelson.pod.namespace.NamespaceOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A pod's security settings (CRI v1, LinuxSandboxSecurityContext). Since no process of the pod's own runs but, in some pods, an
 * init, most of them only say what its containers may ask for.
 *
 * @param seccomp absent is unconfined, as is absent AppArmor
 */
public record PodSecurity(
        NamespaceOptions namespaces,
        Optional<SelinuxLabel> selinux,
        OptionalLong runAsUser,
        OptionalLong runAsGroup,
        boolean readonlyRootfs,
        List<Long> supplementalGroups,
        boolean mergesImageGroups,
        boolean privileged,
        Optional<SecurityProfile> seccomp,
        Optional<SecurityProfile> apparmor) {
    public PodSecurity {
        supplementalGroups = List.copyOf(supplementalGroups);
    }

    /** Nothing asked for. */
    public static PodSecurity defaults() {
        return new PodSecurity(
                NamespaceOptions.defaults(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false,
                List.of(),
                true,
                false,
                Optional.empty(),
                Optional.empty());
    }
}
