package io.keelson.image.hosts;

import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How one server is spoken to.
 *
 * @param scheme {@code https} or {@code http}; absent where that is to be found out
 * @param path what the API's paths begin with
 * @param headers sent to this server and no other
 * @param dialTimeout for a connection; absent for the usual one
 */
public record HostAccess(
        Optional<String> scheme,
        String path,
        Set<Capability> capabilities,
        HostTls tls,
        Map<String, List<String>> headers,
        Optional<Duration> dialTimeout) {
    /** As the distribution specification has it, by what the system trusts. */
    public static final HostAccess USUAL = new HostAccess(
            Optional.empty(), "/v2", EnumSet.allOf(Capability.class), HostTls.SYSTEM, Map.of(), Optional.empty());

    public HostAccess {
        capabilities = Set.copyOf(capabilities);
        var copied = new LinkedHashMap<String, List<String>>();
        headers.forEach((name, values) -> copied.put(name, List.copyOf(values)));
        headers = Map.copyOf(copied);
    }

    /** The usual one, but for certificates. */
    public static HostAccess by(HostTls tls) {
        return new HostAccess(USUAL.scheme, USUAL.path, USUAL.capabilities, tls, Map.of(), Optional.empty());
    }
}
