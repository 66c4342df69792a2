package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.image.hosts.Capability;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Speaks the OCI distribution specification with any number of registries. Thread-safe. */
public final class RegistryClient implements AutoCloseable {
    private static final int SERVER_ERROR = 500;

    private final RegistrySettings settings;
    private final CredentialSource source;
    private final Wire wire;
    private final TokenServer tokens;
    private final TokenCache cache = new TokenCache();
    private final RegistryHealth health = new RegistryHealth();
    private final HostPauses pauses = new HostPauses();
    private final Schemes schemes;
    private volatile WorkListener work = WorkListener.NONE;

    /** Without proxies, and without credentials but those of a request. */
    public RegistryClient(RegistrySettings settings) {
        this(settings, CredentialSource.NOTHING, Map.of());
    }

    /**
     * @param source of credentials that a request does not bring
     * @param environment names proxies, if there are any
     * @throws io.keelson.host.failure.Failure INVALID if what it names is no proxy
     */
    public RegistryClient(RegistrySettings settings, CredentialSource source, Map<String, String> environment) {
        this.settings = settings;
        this.source = source;
        this.wire = new Wire(settings, EnvironmentProxies.of(environment));
        var patience = settings.last().patience();
        this.tokens = new TokenServer(wire, patience);
        this.schemes = new Schemes(wire, patience);
    }

    /**
     * For one pull: the endpoints are asked in this order, and one that is found dead is not asked again.
     *
     * @param credentials for the registry that owns the reference, or the one that they name; no other sees them
     */
    public RegistrySession open(List<RegistryEndpoint> endpoints, Optional<Credentials> credentials) {
        var connections = endpoints.stream()
                .map(endpoint -> connect(endpoint, credentials, Scopes.pull(endpoint)))
                .toList();
        return new RegistrySession(connections, settings, health);
    }

    /**
     * For one push, to the last endpoint that may be pushed to: the registry itself, not those that copy from it.
     *
     * @param sources repositories of the same registry whose blobs may be taken over
     * @throws io.keelson.host.failure.Failure INVALID if there is none
     */
    public PushSession openPush(
            List<RegistryEndpoint> endpoints, Optional<Credentials> credentials, List<String> sources) {
        var endpoint = endpoints.reversed().stream()
                .filter(each -> each.can(Capability.PUSH))
                .findFirst()
                .orElseThrow(() -> Failure.invalid("no server may be pushed to: " + endpoints));
        return new PushSession(connect(endpoint, credentials, Scopes.push(endpoint, sources)), settings.last());
    }

    /**
     * Whether somebody answers there as a registry does, asked once and without credentials: that it wants some is an answer.
     *
     * @return why not; empty if somebody does
     */
    public Optional<String> trouble(RegistryEndpoint endpoint) {
        try {
            var status = schemes.greet(endpoint);
            return status < SERVER_ERROR ? Optional.empty() : Optional.of("it answers with HTTP " + status);
        } catch (IOException e) {
            return Optional.of(Optional.ofNullable(e.getMessage()).orElse(e.toString()));
        }
    }

    private RegistryConnection connect(RegistryEndpoint endpoint, Optional<Credentials> credentials, Scopes scopes) {
        return new RegistryConnection(endpoint, credentials.filter(given -> isFor(given, endpoint)), scopes, this);
    }

    private static boolean isFor(Credentials given, RegistryEndpoint endpoint) {
        return !given.isEmpty()
                && (given.serverAddress().isEmpty()
                        ? endpoint.ownsReference()
                        : ServerAddress.isFor(given.serverAddress(), endpoint.host()));
    }

    /** Of every question to a registry from now on. */
    public void tell(WorkListener listener) {
        work = listener;
    }

    WorkListener work() {
        return work;
    }

    /** How often a server did not answer, however often it was asked: a mirror, or else a registry itself. */
    public long failures(boolean ofMirrors) {
        return health.failures(ofMirrors);
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

    HostPauses pauses() {
        return pauses;
    }

    Schemes schemes() {
        return schemes;
    }

    RegistrySettings settings() {
        return settings;
    }

    CredentialSource source() {
        return source;
    }

    /** Ends its connections. */
    @Override
    public void close() {
        wire.close();
    }
}
