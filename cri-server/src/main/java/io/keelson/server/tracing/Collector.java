package io.keelson.server.tracing;

import io.keelson.host.failure.Failure;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who collects spans, and how it is spoken to.
 *
 * @param authorities who has to have signed its certificate, in PEM; absent: any whom Java trusts
 */
public record Collector(Place place, boolean isEncrypted, Optional<Path> authorities) {
    private static final String UNIX = "unix:";
    private static final Pattern TCP =
            Pattern.compile("(?:(?<name>[0-9A-Za-z._-]+)|\\[(?<v6>[0-9a-fA-F:]+)]):(?<port>[0-9]{1,5})");
    private static final Set<String> HERE = Set.of("localhost", "::1");
    private static final int LARGEST_PORT = 0xFFFF;

    /** Where it listens. */
    public sealed interface Place {
        record Unix(Path socket) implements Place {
            @Override
            public String toString() {
                return UNIX + socket;
            }
        }

        record Tcp(String host, int port) implements Place {
            boolean isOnThisNode() {
                return HERE.contains(host) || host.matches("127\\.[0-9.]+");
            }

            @Override
            public String toString() {
                return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
            }
        }
    }

    /**
     * As settings have it.
     *
     * @param table of the settings, for messages
     * @throws Failure INVALID
     */
    public static Collector of(String table, String endpoint, String authorities, boolean insecure) {
        if (!authorities.isEmpty() && !authorities.startsWith("/")) {
            throw Failure.invalid(table + ".authorities: not an absolute path: " + authorities);
        }
        if (!authorities.isEmpty() && insecure) {
            throw Failure.invalid(table + ".insecure: without TLS nobody asks for the authorities that are set");
        }
        var place = place(table + ".endpoint", endpoint);
        var leavesTheNode = place instanceof Place.Tcp tcp && !tcp.isOnThisNode();
        return new Collector(
                place,
                !authorities.isEmpty() || (leavesTheNode && !insecure),
                authorities.isEmpty() ? Optional.empty() : Optional.of(Path.of(authorities)));
    }

    private static Place place(String key, String text) {
        if (text.startsWith(UNIX + "/") && text.indexOf('\0') < 0) {
            return new Place.Unix(Path.of(text.substring(UNIX.length())));
        }
        var address = TCP.matcher(text);
        if (!address.matches() || Integer.parseInt(address.group("port")) > LARGEST_PORT) {
            throw Failure.invalid(key + ": neither unix:PATH nor a host and a port, 127.0.0.1:4317: " + text);
        }
        var name = address.group("name");
        return new Place.Tcp(name == null ? address.group("v6") : name, Integer.parseInt(address.group("port")));
    }
}
