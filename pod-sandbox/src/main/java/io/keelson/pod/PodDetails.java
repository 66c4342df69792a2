package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.pod.namespace.PinnedNamespaces;
import java.nio.file.Path;
import java.util.Map;

/**
 * More about a pod than its status has, for people and their tools: its record, how its start went, and under {@code runtimeSpec} what
 * of an OCI configuration a pod without a container of its own has.
 */
final class PodDetails {
    /** Nobody's: only a pod whose containers share their PID namespace has a process itself. */
    private static final long NO_PROCESS = 0;

    private PodDetails() {}

    static Json.Obj of(PodEntry entry, PinnedNamespaces pinned) {
        var namespaces = entry.status().isReleased() ? Map.<String, Path>of() : pinned.existing();
        return Json.object()
                .put("record", entry.record().toJson())
                .put("status", entry.status().toJson())
                .put("startTimeline", entry.status().startTimeline().toJson())
                .put("limits", entry.limits().toJson())
                .put("namespaces", paths(namespaces))
                .put("pid", entry.status().init().map(ProcessIdentity::pid).orElse(NO_PROCESS))
                .put("runtimeHandler", entry.record().spec().runtimeHandler())
                .put("runtimeSpec", runtimeSpec(entry, namespaces))
                .build();
    }

    private static Json.Obj paths(Map<String, Path> namespaces) {
        var json = Json.object();
        namespaces.forEach((kind, path) -> json.put(kind, path.toString()));
        return json.build();
    }

    private static Json.Obj runtimeSpec(PodEntry entry, Map<String, Path> namespaces) {
        var spec = entry.record().spec();
        return Json.object()
                .put("hostname", spec.hostname())
                .putTextMap("annotations", spec.annotations())
                .put(
                        "linux",
                        Json.object()
                                .put("cgroupsPath", entry.record().cgroupPath())
                                .putTextMap("sysctl", spec.sysctls())
                                .putAll(
                                        "namespaces",
                                        namespaces.entrySet().stream()
                                                .map(each -> Json.object()
                                                        .put("type", ociName(each.getKey()))
                                                        .put(
                                                                "path",
                                                                each.getValue().toString())
                                                        .build())
                                                .toList()))
                .build();
    }

    /** As the OCI runtime specification calls it (config-linux, Namespaces). */
    private static String ociName(String kind) {
        return kind.equals("net") ? "network" : kind;
    }
}
