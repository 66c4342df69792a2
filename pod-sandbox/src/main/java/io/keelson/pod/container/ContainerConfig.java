package io.keelson.pod.container;

import io.keelson.oci.spec.LinuxResources;
import java.util.List;
import java.util.Map;

/**
 * A container as it was asked for (CRI v1, ContainerConfig). Labels, annotations and mounts are given back exactly as they came.
 *
 * @param name and {@code attempt}: unique within the pod
 * @param image what it was asked for by: an id, a name with tag or digest or neither
 * @param command replaces the image's entrypoint and its arguments
 * @param args replace the image's arguments
 * @param workingDir empty for the image's
 * @param logPath below the pod's log directory; empty for no log
 * @param stopSignal a name as {@code SIGTERM} or {@code SIGRTMIN+3}; empty for the image's
 */
public record ContainerConfig(
        String name,
        int attempt,
        ImageSpec image,
        List<String> command,
        List<String> args,
        String workingDir,
        List<EnvironmentVariable> env,
        List<ContainerMount> mounts,
        List<ContainerDevice> devices,
        List<String> cdiDevices,
        Map<String, String> labels,
        Map<String, String> annotations,
        String logPath,
        boolean stdin,
        boolean stdinOnce,
        boolean tty,
        LinuxResources resources,
        ContainerSecurity security,
        String stopSignal) {
    public ContainerConfig {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = List.copyOf(env);
        mounts = List.copyOf(mounts);
        devices = List.copyOf(devices);
        cdiDevices = List.copyOf(cdiDevices);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }

    ContainerConfig withMounts(List<ContainerMount> others) {
        return new ContainerConfig(
                name,
                attempt,
                image,
                command,
                args,
                workingDir,
                env,
                others,
                devices,
                cdiDevices,
                labels,
                annotations,
                logPath,
                stdin,
                stdinOnce,
                tty,
                resources,
                security,
                stopSignal);
    }

    /** A variable of the process's environment; of two with one name the last counts. */
    public record EnvironmentVariable(String name, String value) {}
}
