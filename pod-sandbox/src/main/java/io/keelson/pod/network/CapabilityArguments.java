package io.keelson.pod.network;

import io.keelson.host.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What plugins with a capability are told about the pod: {@code runtimeConfig} (CNI conventions). */
final class CapabilityArguments {
    /** Bits that may pass at once before shaping begins; the plugin wants one, and this one never limits. */
    private static final long BURST_BITS = Integer.MAX_VALUE;

    private final Map<String, Json> byCapability = new LinkedHashMap<>();

    CapabilityArguments(NetworkRequest request, HostPortMode hostPorts) {
        if (hostPorts == HostPortMode.CNI) {
            portMappings(request);
        }
        bandwidth(BandwidthLimits.of(request.annotations()));
        request.dns().ifPresent(dns -> byCapability.put("dns", dns.toJson()));
        if (!request.aliases().isEmpty()) {
            byCapability.put(
                    "aliases",
                    new Json.Arr(
                            request.aliases().stream().<Json>map(Json::text).toList()));
        }
        if (!request.cgroupPath().isEmpty()) {
            byCapability.put("cgroupPath", Json.text(request.cgroupPath()));
        }
        if (!request.annotations().isEmpty()) {
            var annotations = new LinkedHashMap<String, Json>();
            request.annotations().forEach((name, value) -> annotations.put(name, Json.text(value)));
            byCapability.put("io.kubernetes.cri.pod-annotations", new Json.Obj(annotations));
        }
    }

    /** Those that the plugin has the capability for; absent if there are none. */
    Optional<Json.Obj> of(PluginConfiguration plugin) {
        var arguments = new LinkedHashMap<>(byCapability);
        arguments.keySet().retainAll(plugin.capabilities());
        return arguments.isEmpty() ? Optional.empty() : Optional.of(new Json.Obj(arguments));
    }

    private void portMappings(NetworkRequest request) {
        var mappings = request.ports().stream()
                .filter(port -> port.hostPort() != 0)
                .<Json>map(port -> Json.object()
                        .put("hostPort", port.hostPort())
                        .put("containerPort", port.containerPort())
                        .put("protocol", port.protocol().lowerCase())
                        .put("hostIP", port.hostIp())
                        .build())
                .toList();
        if (!mappings.isEmpty()) {
            byCapability.put("portMappings", new Json.Arr(mappings));
        }
    }

    private void bandwidth(BandwidthLimits limits) {
        if (limits.isUnlimited()) {
            return;
        }
        var arguments = Json.object();
        limits.ingressBits()
                .ifPresent(bits -> arguments.put("ingressRate", bits).put("ingressBurst", BURST_BITS));
        limits.egressBits().ifPresent(bits -> arguments.put("egressRate", bits).put("egressBurst", BURST_BITS));
        byCapability.put("bandwidth", arguments.build());
    }
}
