package io.keelson.pod;

import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.network.PortMapping;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod as it was asked for (CRI v1, PodSandboxConfig). Labels and annotations are given back exactly as they came.
 *
 * @param hostname empty for the host's own, or for pods that bring their UTS namespace, none
 * @param logDirectory where the logs of its containers go; empty if they have none
 * @param dns absent for the host's own resolv.conf
 * @param cgroupParent the pod's cgroup, which the caller made; empty if Keelson shall make one
 * @param overhead what the caller reckons the pod takes besides its containers
 * @param resources of all containers together; with the overhead, the limits of a cgroup that Keelson makes
 * @param runtimeHandler which OCI runtime runs its containers; empty for the default
 */
public record PodSpec(
        PodMetadata metadata,
        String hostname,
        String logDirectory,
        Optional<DnsConfig> dns,
        List<PortMapping> ports,
        Map<String, String> labels,
        Map<String, String> annotations,
        String cgroupParent,
        PodSecurity security,
        Map<String, String> sysctls,
        LinuxResources overhead,
        LinuxResources resources,
        String runtimeHandler) {
    public PodSpec {
        ports = List.copyOf(ports);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        sysctls = Map.copyOf(sysctls);
    }
}
