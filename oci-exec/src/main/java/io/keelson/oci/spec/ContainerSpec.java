package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.SeccompRule.Circumstances;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code config.json} (OCI runtime specification, "Configuration"). Every rule that keeps a container from the host is here. */
public final class ContainerSpec {
    /** The newest version that every runtime which we support reads. */
    private static final String VERSION = "1.0.2";

    private final SpecRequest request;
    private final Machine machine;

    private ContainerSpec(SpecRequest request, Machine machine) {
        this.request = request;
        this.machine = machine;
    }

    /** @throws io.keelson.host.failure.Failure INVALID for what no container may have */
    public static Json.Obj build(SpecRequest request, Machine machine) {
        return new ContainerSpec(request, machine).config();
    }

    private Json.Obj config() {
        var annotations = SpecAnnotations.of(request.annotations(), request.allowedAnnotations(), request.identity());
        var config = Json.object()
                .put("ociVersion", VERSION)
                .put("process", ProcessSpec.of(request.process(), request.security()))
                .put(
                        "root",
                        Json.object()
                                .put("path", request.rootfs().toString())
                                .put("readonly", request.readonlyRootfs()));
        request.hostname()
                .filter(_ -> !(request.namespaces().uts() instanceof NamespaceChoices.Host))
                .ifPresent(hostname -> config.put("hostname", hostname));
        if (!request.hooks().byStage().isEmpty()) {
            config.put("hooks", request.hooks().toJson());
        }
        return config.putAll(
                        "mounts",
                        MountList.of(request).stream().map(ContainerSpec::mount).toList())
                .put("linux", linux())
                .putTextMap("annotations", annotations)
                .build();
    }

    private Json.Obj linux() {
        var security = request.security();
        var linux = Json.object()
                .put("resources", resources())
                .put("cgroupsPath", request.cgroupsPath())
                .putAll("namespaces", NamespaceList.of(request.namespaces()));
        putMappings(linux, "uidMappings", request.namespaces().uidMappings());
        putMappings(linux, "gidMappings", request.namespaces().gidMappings());
        if (!request.sysctls().isEmpty()) {
            linux.putTextMap("sysctl", request.sysctls());
        }
        if (!request.devices().isEmpty()) {
            linux.putAll(
                    "devices",
                    request.devices().stream().map(ContainerSpec::device).toList());
        }
        rootfsPropagation().ifPresent(propagation -> linux.put("rootfsPropagation", propagation));
        security.mountLabel().ifPresent(label -> linux.put("mountLabel", label));
        if (!security.privileged()) {
            seccomp(security).ifPresent(profile -> linux.put("seccomp", profile));
            linux.putTexts("maskedPaths", security.maskedPaths()).putTexts("readonlyPaths", security.readonlyPaths());
        }
        return linux.build();
    }

    private Json.Obj resources() {
        var rules = request.security().privileged() ? DeviceRules.ALL_ALLOWED : DeviceRules.allowing(request.devices());
        var resources = Json.object().putAll("devices", rules);
        forNewGroup(request.resources()).toJson().members().forEach(resources::put);
        return resources.build();
    }

    /** A new group's processor time has no limit anyway; crun 1.8.1 writes -1 as an unsigned number, which the kernel refuses. */
    private static LinuxResources forNewGroup(LinuxResources resources) {
        return resources.hasUnlimitedCpu() ? resources.withoutCpuQuota() : resources;
    }

    private Optional<Json.Obj> seccomp(Security security) {
        var capabilities = Set.copyOf(security.capabilities().granted());
        return switch (security.seccomp()) {
            case SeccompChoice.Unconfined() -> Optional.empty();
            case SeccompChoice.RuntimeDefault() ->
                Optional.of(DefaultSeccomp.profile(capabilities, machine.architecture(), machine.kernel()));
            case SeccompChoice.Localhost(Json.Obj profile) ->
                Optional.of(LocalhostSeccomp.profile(
                        profile, new Circumstances(capabilities, machine.architecture(), machine.kernel())));
        };
    }

    /** Mounts that pass on what is mounted later need a root directory that does so too (mount_namespaces(7)). */
    private Optional<String> rootfsPropagation() {
        var options = request.mounts().stream()
                .flatMap(mount -> mount.options().stream())
                .toList();
        if (options.contains("rshared") || options.contains("shared")) {
            return Optional.of("rshared");
        }
        return options.contains("rslave") || options.contains("slave") ? Optional.of("rslave") : Optional.empty();
    }

    private static Json.Obj mount(SpecMount mount) {
        var json = Json.object()
                .put("destination", mount.destination())
                .put("type", mount.type())
                .put("source", mount.source())
                .putTexts("options", mount.options());
        putMappings(json, "uidMappings", mount.uidMappings());
        putMappings(json, "gidMappings", mount.gidMappings());
        return json.build();
    }

    private static Json.Obj device(SpecDevice device) {
        return Json.object()
                .put("path", device.path())
                .put("type", device.type())
                .put("major", device.major())
                .put("minor", device.minor())
                .put("fileMode", device.mode())
                .put("uid", device.uid())
                .put("gid", device.gid())
                .build();
    }

    private static void putMappings(Json.Builder target, String key, List<NamespaceChoices.IdMapping> mappings) {
        if (mappings.isEmpty()) {
            return;
        }
        var items = new ArrayList<Json>();
        for (var mapping : mappings) {
            items.add(Json.object()
                    .put("containerID", mapping.containerId())
                    .put("hostID", mapping.hostId())
                    .put("size", mapping.size())
                    .build());
        }
        target.putAll(key, items);
    }
}
