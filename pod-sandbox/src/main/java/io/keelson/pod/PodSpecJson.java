package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.network.PortMapping;
import io.keelson.pod.network.Protocol;

/** {@link PodSpec} as records keep it. */
final class PodSpecJson {
    private PodSpecJson() {}

    static Json.Obj write(PodSpec spec) {
        var json = Json.object()
                .put("metadata", metadata(spec.metadata()))
                .put("hostname", spec.hostname())
                .put("logDirectory", spec.logDirectory())
                .putAll("ports", spec.ports().stream().map(PodSpecJson::port).toList())
                .putTextMap("labels", spec.labels())
                .putTextMap("annotations", spec.annotations())
                .put("cgroupParent", spec.cgroupParent())
                .put("security", security(spec.security()))
                .putTextMap("sysctls", spec.sysctls())
                .put("overhead", ResourcesJson.write(spec.overhead()))
                .put("resources", ResourcesJson.write(spec.resources()))
                .put("runtimeHandler", spec.runtimeHandler());
        spec.dns().ifPresent(dns -> json.put("dns", dns.toJson()));
        return json.build();
    }

    static PodSpec read(Json.Obj json) {
        return new PodSpec(
                metadata(json.object("metadata")),
                json.text("hostname"),
                json.text("logDirectory"),
                json.findObject("dns").map(DnsConfig::fromJson),
                json.objects("ports").stream().map(PodSpecJson::port).toList(),
                json.textMap("labels"),
                json.textMap("annotations"),
                json.text("cgroupParent"),
                security(json.object("security")),
                json.textMap("sysctls"),
                ResourcesJson.read(json.object("overhead")),
                ResourcesJson.read(json.object("resources")),
                json.text("runtimeHandler"));
    }

    private static Json.Obj metadata(PodMetadata metadata) {
        return Json.object()
                .put("name", metadata.name())
                .put("namespace", metadata.namespace())
                .put("uid", metadata.uid())
                .put("attempt", metadata.attempt())
                .build();
    }

    private static PodMetadata metadata(Json.Obj json) {
        return new PodMetadata(
                json.text("name"), json.text("namespace"), json.text("uid"), Numbers.integer(json, "attempt"));
    }

    private static Json.Obj port(PortMapping port) {
        return Json.object()
                .put("protocol", port.protocol().name())
                .put("containerPort", port.containerPort())
                .put("hostPort", port.hostPort())
                .put("hostIp", port.hostIp())
                .build();
    }

    private static PortMapping port(Json.Obj json) {
        return new PortMapping(
                Protocol.valueOf(json.text("protocol")),
                Numbers.integer(json, "containerPort"),
                Numbers.integer(json, "hostPort"),
                json.text("hostIp"));
    }

    private static Json.Obj security(PodSecurity security) {
        var json = Json.object()
                .put("namespaces", security.namespaces().toJson())
                .put("readonlyRootfs", security.readonlyRootfs())
                .put("mergesImageGroups", security.mergesImageGroups())
                .put("privileged", security.privileged());
        security.selinux().ifPresent(label -> json.put("selinux", label.toJson()));
        Numbers.put(json, "runAsUser", security.runAsUser());
        Numbers.put(json, "runAsGroup", security.runAsGroup());
        Numbers.putAll(json, "supplementalGroups", security.supplementalGroups());
        security.seccomp().ifPresent(profile -> json.put("seccomp", profile.toJson()));
        security.apparmor().ifPresent(profile -> json.put("apparmor", profile.toJson()));
        return json.build();
    }

    private static PodSecurity security(Json.Obj json) {
        return new PodSecurity(
                NamespaceOptions.fromJson(json.object("namespaces")),
                json.findObject("selinux").map(SelinuxLabel::fromJson),
                Numbers.find(json, "runAsUser"),
                Numbers.find(json, "runAsGroup"),
                json.flag("readonlyRootfs"),
                Numbers.all(json, "supplementalGroups"),
                json.flag("mergesImageGroups"),
                json.flag("privileged"),
                json.findObject("seccomp").map(SecurityProfile::fromJson),
                json.findObject("apparmor").map(SecurityProfile::fromJson));
    }
}
