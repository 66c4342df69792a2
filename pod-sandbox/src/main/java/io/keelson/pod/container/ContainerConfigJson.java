package io.keelson.pod.container;

import io.keelson.host.json.Json;
import io.keelson.pod.Numbers;
import io.keelson.pod.ResourcesJson;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.util.List;

/** {@link ContainerConfig} as records keep it. */
final class ContainerConfigJson {
    private ContainerConfigJson() {}

    static Json.Obj write(ContainerConfig config) {
        return Json.object()
                .put("name", config.name())
                .put("attempt", config.attempt())
                .put("image", image(config.image()))
                .putTexts("command", config.command())
                .putTexts("args", config.args())
                .put("workingDir", config.workingDir())
                .putAll(
                        "env",
                        config.env().stream().map(ContainerConfigJson::variable).toList())
                .putAll(
                        "mounts",
                        config.mounts().stream().map(ContainerConfigJson::mount).toList())
                .putAll(
                        "devices",
                        config.devices().stream()
                                .map(ContainerConfigJson::device)
                                .toList())
                .putTexts("cdiDevices", config.cdiDevices())
                .putTextMap("labels", config.labels())
                .putTextMap("annotations", config.annotations())
                .put("logPath", config.logPath())
                .put("stdin", config.stdin())
                .put("stdinOnce", config.stdinOnce())
                .put("tty", config.tty())
                .put("resources", ResourcesJson.write(config.resources()))
                .put("security", security(config.security()))
                .put("stopSignal", config.stopSignal())
                .build();
    }

    static ContainerConfig read(Json.Obj json) {
        return new ContainerConfig(
                json.text("name"),
                Numbers.integer(json, "attempt"),
                image(json.object("image")),
                json.texts("command"),
                json.texts("args"),
                json.text("workingDir"),
                json.objects("env").stream().map(ContainerConfigJson::variable).toList(),
                json.objects("mounts").stream().map(ContainerConfigJson::mount).toList(),
                json.objects("devices").stream()
                        .map(ContainerConfigJson::device)
                        .toList(),
                json.texts("cdiDevices"),
                json.textMap("labels"),
                json.textMap("annotations"),
                json.text("logPath"),
                json.flag("stdin"),
                json.flag("stdinOnce"),
                json.flag("tty"),
                ResourcesJson.read(json.object("resources")),
                security(json.object("security")),
                json.text("stopSignal"));
    }

    private static Json.Obj image(ImageSpec image) {
        return Json.object()
                .put("image", image.image())
                .putTextMap("annotations", image.annotations())
                .put("userSpecifiedImage", image.userSpecifiedImage())
                .put("runtimeHandler", image.runtimeHandler())
                .put("imageRef", image.imageRef())
                .build();
    }

    private static ImageSpec image(Json.Obj json) {
        return new ImageSpec(
                json.text("image"),
                json.textMap("annotations"),
                json.text("userSpecifiedImage"),
                json.text("runtimeHandler"),
                json.text("imageRef"));
    }

    private static Json.Obj variable(EnvironmentVariable variable) {
        return Json.object()
                .put("name", variable.name())
                .put("value", variable.value())
                .build();
    }

    private static EnvironmentVariable variable(Json.Obj json) {
        return new EnvironmentVariable(json.text("name"), json.text("value"));
    }

    private static Json.Obj mount(ContainerMount mount) {
        var json = Json.object()
                .put("containerPath", mount.containerPath())
                .put("hostPath", mount.hostPath())
                .put("isReadonly", mount.isReadonly())
                .put("selinuxRelabel", mount.selinuxRelabel())
                .put("propagation", mount.propagation().name())
                .put("isRecursivelyReadonly", mount.isRecursivelyReadonly())
                .putAll("uidMappings", mappings(mount.uidMappings()))
                .putAll("gidMappings", mappings(mount.gidMappings()))
                .put("imageSubPath", mount.imageSubPath())
                .putTexts("options", mount.options());
        mount.image().ifPresent(image -> json.put("image", image(image)));
        return json.build();
    }

    private static List<Json.Obj> mappings(List<IdMapping> mappings) {
        return mappings.stream().map(IdMapping::toJson).toList();
    }

    private static ContainerMount mount(Json.Obj json) {
        return new ContainerMount(
                json.text("containerPath"),
                json.text("hostPath"),
                json.flag("isReadonly"),
                json.flag("selinuxRelabel"),
                ContainerMount.Propagation.valueOf(json.text("propagation")),
                json.flag("isRecursivelyReadonly"),
                json.objects("uidMappings").stream().map(IdMapping::fromJson).toList(),
                json.objects("gidMappings").stream().map(IdMapping::fromJson).toList(),
                json.findObject("image").map(ContainerConfigJson::image),
                json.text("imageSubPath"),
                json.texts("options"));
    }

    private static Json.Obj device(ContainerDevice device) {
        return Json.object()
                .put("containerPath", device.containerPath())
                .put("hostPath", device.hostPath())
                .put("permissions", device.permissions())
                .build();
    }

    private static ContainerDevice device(Json.Obj json) {
        return new ContainerDevice(json.text("containerPath"), json.text("hostPath"), json.text("permissions"));
    }

    private static Json.Obj security(ContainerSecurity security) {
        var json = Json.object()
                .putTexts("addCapabilities", security.addCapabilities())
                .putTexts("dropCapabilities", security.dropCapabilities())
                .putTexts("addAmbientCapabilities", security.addAmbientCapabilities())
                .put("privileged", security.privileged())
                .put("namespaces", security.namespaces().toJson())
                .put("runAsUsername", security.runAsUsername())
                .put("readonlyRootfs", security.readonlyRootfs())
                .put("mergesImageGroups", security.mergesImageGroups())
                .put("noNewPrivileges", security.noNewPrivileges())
                .putTexts("maskedPaths", security.maskedPaths())
                .putTexts("readonlyPaths", security.readonlyPaths());
        security.selinux().ifPresent(label -> json.put("selinux", label.toJson()));
        Numbers.put(json, "runAsUser", security.runAsUser());
        Numbers.put(json, "runAsGroup", security.runAsGroup());
        Numbers.putAll(json, "supplementalGroups", security.supplementalGroups());
        security.seccomp().ifPresent(profile -> json.put("seccomp", profile.toJson()));
        security.apparmor().ifPresent(profile -> json.put("apparmor", profile.toJson()));
        return json.build();
    }

    private static ContainerSecurity security(Json.Obj json) {
        return new ContainerSecurity(
                json.texts("addCapabilities"),
                json.texts("dropCapabilities"),
                json.texts("addAmbientCapabilities"),
                json.flag("privileged"),
                NamespaceOptions.fromJson(json.object("namespaces")),
                json.findObject("selinux").map(SelinuxLabel::fromJson),
                Numbers.find(json, "runAsUser"),
                Numbers.find(json, "runAsGroup"),
                json.text("runAsUsername"),
                json.flag("readonlyRootfs"),
                Numbers.all(json, "supplementalGroups"),
                json.flag("mergesImageGroups"),
                json.flag("noNewPrivileges"),
                json.texts("maskedPaths"),
                json.texts("readonlyPaths"),
                json.findObject("seccomp").map(SecurityProfile::fromJson),
                json.findObject("apparmor").map(SecurityProfile::fromJson));
    }
}
