package io.keelson.image.hosts;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * By which certificates a server is known, and we to it. Files are read when a connection is set up.
 *
 * @param authorities in PEM, trusted besides the system's
 * @param clients certificates of ours
 */
public record HostTls(List<Path> authorities, List<ClientPair> clients) {
    /** What the system trusts, and no certificate of ours. */
    public static final HostTls SYSTEM = new HostTls(List.of(), List.of());

    /** In PEM; both may be in one file. */
    public record ClientPair(Path certificate, Path key) {}

    public HostTls {
        authorities = List.copyOf(authorities);
        clients = List.copyOf(clients);
    }

    /** For another server that this one names: it may have the same authority, and does not see who we are. */
    public HostTls withoutClients() {
        return clients.isEmpty() ? this : new HostTls(authorities, List.of());
    }

    public List<Path> files() {
        return Stream.concat(
                        authorities.stream(),
                        clients.stream().flatMap(pair -> Stream.of(pair.certificate(), pair.key())))
                .toList();
    }
}
