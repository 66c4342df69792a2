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
 * @param identity annotations by which tools on the node know whose container it is; nobody overrides them
 * @param hooks programs of the node's that the runtime runs
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
        Set<String> allowedAnnotations,
        Map<String, String> identity,
        Hooks hooks) {
    public SpecRequest {
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
        sysctls = Map.copyOf(sysctls);
        annotations = Map.copyOf(annotations);
        allowedAnnotations = Set.copyOf(allowedAnnotations);
        identity = Map.copyOf(identity);
    }

    /** The same with what else the node gives to the container. */
    public SpecRequest with(ProcessRequest process, List<SpecMount> mounts, List<SpecDevice> devices, Hooks hooks) {
        return new SpecRequest(
                rootfs,
                readonlyRootfs,
                hostname,
                process,
                security,
                namespaces,
                mounts,
                devices,
                resources,
                sysctls,
                cgroupsPath,
                annotations,
                allowedAnnotations,
                identity,
                hooks);
    }

    /** The same with these hooks after its own. */
    public SpecRequest withHooks(Hooks others) {
        return with(process, mounts, devices, hooks.plus(others));
    }
}
