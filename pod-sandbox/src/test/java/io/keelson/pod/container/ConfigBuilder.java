package io.keelson.pod.container;

import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A container's configuration that says nothing but what a test sets. */
final class ConfigBuilder {
    String name = "web";
    List<String> command = List.of();
    List<String> args = List.of();
    String workingDir = "";
    final List<EnvironmentVariable> env = new ArrayList<>();
    final List<ContainerMount> mounts = new ArrayList<>();
    final List<ContainerDevice> devices = new ArrayList<>();
    List<String> cdiDevices = List.of();
    String logPath = "";
    boolean stdin;
    boolean stdinOnce;
    boolean tty;
    LinuxResources resources = LinuxResources.NONE;
    String stopSignal = "";
    List<String> add = List.of();
    List<String> drop = List.of();
    List<String> ambient = List.of();
    boolean privileged;
    NamespaceMode pid = NamespaceMode.POD;
    String pidTarget = "";
    boolean readonlyRootfs;
    boolean noNewPrivileges;
    List<String> masked = List.of();
    List<String> readonly = List.of();
    Optional<SelinuxLabel> selinux = Optional.empty();
    Optional<SecurityProfile> seccomp = Optional.empty();
    Optional<SecurityProfile> apparmor = Optional.empty();

    ContainerConfig build() {
        return new ContainerConfig(
                name,
                0,
                ImageSpec.of("registry.test/app:v1"),
                command,
                args,
                workingDir,
                env,
                mounts,
                devices,
                cdiDevices,
                Map.of(),
                Map.of(),
                logPath,
                stdin,
                stdinOnce,
                tty,
                resources,
                security(),
                stopSignal);
    }

    private ContainerSecurity security() {
        return new ContainerSecurity(
                add,
                drop,
                ambient,
                privileged,
                new NamespaceOptions(NamespaceMode.POD, pid, NamespaceMode.POD, pidTarget, Optional.empty()),
                selinux,
                OptionalLong.empty(),
                OptionalLong.empty(),
                "",
                readonlyRootfs,
                List.of(),
                true,
                noNewPrivileges,
                masked,
                readonly,
                seccomp,
                apparmor);
    }
}
