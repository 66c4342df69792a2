package io.keelson.oci.spec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Annotations in {@code config.json}. Some steer the runtime: crun and runc set systemd properties, load other programs or hooks
 * by them. Those reach it only under a key that the operator allows in full, since what merely begins alike is another key.
 */
final class SpecAnnotations {
    private static final List<String> STEERING_PREFIXES = List.of(
            "org.systemd.property.", "run.oci.", "org.criu.", "module.wasm.", "io.kubernetes.cri.rdt-class", "krun.");
    private static final Set<String> STEERING_KEYS =
            Set.of("bundle", "module.wasm.image", "io.containers.trace-syscall");

    private SpecAnnotations() {}

    static Map<String, String> filtered(Map<String, String> annotations, Set<String> allowed) {
        var result = new TreeMap<String, String>();
        annotations.forEach((key, value) -> {
            if (allowed.contains(key) || !steers(key)) {
                result.put(key, value);
            }
        });
        return result;
    }

    private static boolean steers(String key) {
        return STEERING_KEYS.contains(key) || STEERING_PREFIXES.stream().anyMatch(key::startsWith);
    }
}
