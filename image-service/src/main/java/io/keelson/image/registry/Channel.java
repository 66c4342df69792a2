package io.keelson.image.registry;

import io.keelson.image.hosts.HostTls;
import java.time.Duration;
import java.util.Optional;

/**
 * How a connection is set up.
 *
 * @param verify whether the server has to be who it says
 * @param dialTimeout absent for the usual one
 */
record Channel(boolean verify, HostTls tls, Optional<Duration> dialTimeout) {
    static final Channel USUAL = new Channel(true, HostTls.SYSTEM, Optional.empty());

    static Channel to(RegistryEndpoint endpoint) {
        var access = endpoint.access();
        return new Channel(!endpoint.insecure(), access.tls(), access.dialTimeout());
    }

    /** To another server that this one named. */
    Channel elsewhere() {
        return new Channel(verify, tls.withoutClients(), dialTimeout);
    }

    /** As {@link #elsewhere}, to a server that has to be who it says. */
    Channel verified() {
        return new Channel(true, tls.withoutClients(), dialTimeout);
    }
}
