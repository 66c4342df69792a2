package io.keelson.pod.network;

import io.keelson.host.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What plugins with a capability are told about the pod: {@code runtimeConfig} (CNI conventions). */
final class CapabilityArguments {
    private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
    private static final String EGRESS = "kubernetes.io/egress-bandwidth";
    /** Bits that may pass at once before shaping begins; the plugin wants one, and this one never limits. */
    private static final long BURST_BITS = Integer.MAX_VALUE;

    private final Map<String, Json> byCapability = new LinkedHashMap<>();

    CapabilityArguments(NetworkRequest request, HostPortMode hostPorts) {
        if (hostPorts == HostPortMode.CNI) {
            portMappings(request);
        }
        bandwidth(request.annotations());
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

    private void bandwidth(Map<String, String> annotations) {
        var limits = Json.object();
        var ingress = Optional.ofNullable(annotations.get(INGRESS));
        var egress = Optional.ofNullable(annotations.get(EGRESS));
        ingress.ifPresent(text -> limits.put("ingressRate", BandwidthQuantity.parse(INGRESS, text))
                .put("ingressBurst", BURST_BITS));
        egress.ifPresent(text ->
                limits.put("egressRate", BandwidthQuantity.parse(EGRESS, text)).put("egressBurst", BURST_BITS));
        if (ingress.isPresent() || egress.isPresent()) {
            byCapability.put("bandwidth", limits.build());
        }
    }
}
