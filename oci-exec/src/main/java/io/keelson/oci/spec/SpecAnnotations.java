package io.keelson.oci.spec;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Annotations in {@code config.json}. Some steer the runtime: crun and runc set systemd properties, load other programs or hooks
 * by them. Those reach it only under a key that the operator allows in full, since what merely begins alike is another key. Others
 * say whose container it is, and tools on the node believe them: these are ours alone, whoever else writes them.
 */
final class SpecAnnotations {
    private static final List<String> STEERING_PREFIXES = List.of(
            "org.systemd.property.", "run.oci.", "org.criu.", "module.wasm.", "io.kubernetes.cri.rdt-class", "krun.");
    private static final Set<String> STEERING_KEYS =
            Set.of("bundle", "module.wasm.image", "io.containers.trace-syscall");
    private static final List<String> IDENTIFYING_PREFIXES =
            List.of("io.kubernetes.cri.", "io.kubernetes.cri-o.", "io.keelson.");

    private SpecAnnotations() {}

    /** @param identity what we say of the container ourselves */
    static Map<String, String> of(Map<String, String> requested, Set<String> allowed, Map<String, String> identity) {
        var result = new TreeMap<String, String>();
        requested.forEach((key, value) -> {
            if (allowed.contains(key) || (!steers(key) && !identifies(key))) {
                result.put(key, value);
            }
        });
        result.putAll(identity);
        return result;
    }

    private static boolean steers(String key) {
        return STEERING_KEYS.contains(key) || STEERING_PREFIXES.stream().anyMatch(key::startsWith);
    }

    private static boolean identifies(String key) {
        return IDENTIFYING_PREFIXES.stream().anyMatch(key::startsWith);
    }
}
