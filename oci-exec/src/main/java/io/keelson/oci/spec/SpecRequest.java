package io.keelson.oci.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that a container's {@code config.json} says, resolved: users are numbers, mount sources exist, lists are merged.
 *
 * @param rootfs the mounted root file system, absolute
 * @param hostname set only where the container does not share the host's UTS namespace
 * @param mounts those asked for; the usual ones (/proc, /sys, /dev …) are added, and give way to one of the same destination
 * @param devices device nodes to make besides the usual ones
 * @param sysctls for namespaces of the container's own; those of a pod are set when its namespaces are made
 * @param cgroupsPath as {@link io.keelson.oci.cgroup.Cgroups} names it
 * @param annotations passed to the runtime, except those which would steer it and are not among the allowed ones
 * @param allowedAnnotations exact keys with a meaning to the runtime that the operator allows
 */
public record SpecRequest(
        Path rootfs,
        boolean readonlyRootfs,
        Optional<String> hostname,
        ProcessRequest process,
        Security security,
        NamespaceChoices namespaces,
        List<SpecMount> mounts,
        List<SpecDevice> devices,
        LinuxResources resources,
        Map<String, String> sysctls,
        String cgroupsPath,
        Map<String, String> annotations,
        Set<String> allowedAnnotations) {
    public SpecRequest {
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
        sysctls = Map.copyOf(sysctls);
        annotations = Map.copyOf(annotations);
        allowedAnnotations = Set.copyOf(allowedAnnotations);
    }
}
