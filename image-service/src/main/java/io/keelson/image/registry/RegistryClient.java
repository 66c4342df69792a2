package io.keelson.image.registry;

import java.util.List;
import java.util.Optional;

/** Speaks the OCI distribution specification with any number of registries. Thread-safe. */
public final class RegistryClient implements AutoCloseable {
    private final RegistrySettings settings;
    private final Wire wire;
    private final TokenServer tokens;
    private final TokenCache cache = new TokenCache();
    private final Schemes schemes;

    public RegistryClient(RegistrySettings settings) {
        this.settings = settings;
        this.wire = new Wire(settings);
        this.tokens = new TokenServer(wire);
        this.schemes = new Schemes(wire);
    }

    /**
     * For one pull: the endpoints are asked in this order, and one that is found dead is not asked again.
     *
     * @param credentials for the registry that owns the reference, or the one that they name; no other sees them
     */
    public RegistrySession open(List<RegistryEndpoint> endpoints, Optional<Credentials> credentials) {
        var connections = endpoints.stream()
                .map(endpoint -> new RegistryConnection(endpoint, credentialsFor(endpoint, credentials), this))
                .toList();
        return new RegistrySession(connections, settings);
    }

    private static Credentials credentialsFor(RegistryEndpoint endpoint, Optional<Credentials> credentials) {
        return credentials
                .filter(given -> given.serverAddress().isEmpty()
                        ? endpoint.ownsReference()
                        : ServerAddress.isFor(given.serverAddress(), endpoint))
                .orElse(Credentials.NONE);
    }

    Wire wire() {
        return wire;
    }

    TokenServer tokens() {
        return tokens;
    }

    TokenCache cache() {
        return cache;
    }

    Schemes schemes() {
        return schemes;
    }

    RegistrySettings settings() {
        return settings;
    }

    /** Ends its connections. */
    @Override
    public void close() {
        wire.close();
    }
}
