package io.keelson.image.registry;

import io.keelson.image.hosts.Capability;
import io.keelson.image.hosts.HostAccess;

/**
 * One place that an image may be had from.
 *
 * @param host host and optional port
 * @param repository there, which may differ from the one in the reference
 * @param insecure TLS is not verified, and plain HTTP is taken where there is no TLS
 * @param ownsReference whether it is the registry that the reference names, which the user's credentials are for
 * @param namespace the host that a mirror for many stands for, which it is told; empty for none
 */
public record RegistryEndpoint(
        String host, String repository, boolean insecure, boolean ownsReference, HostAccess access, String namespace) {
    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_API = "registry-1.docker.io";

    public RegistryEndpoint(String host, String repository, boolean insecure, boolean ownsReference) {
        this(host, repository, insecure, ownsReference, HostAccess.USUAL, "");
    }

    /** Docker Hub's API has another name than the Hub. */
    static String apiHost(String host) {
        return host.equals(DOCKER_HUB) ? DOCKER_HUB_API : host;
    }

    String apiHost() {
        return apiHost(host);
    }

    /** Whether plain HTTP will do: loopback never leaves the machine. */
    boolean mayBePlain() {
        return access.scheme().map("http"::equals).orElseGet(() -> insecure || HostNames.isLoopback(host));
    }

    /** What a tag stands for is also fetched by it, so that asking for one takes both. */
    boolean can(Capability capability) {
        return access.capabilities().contains(capability)
                && (capability != Capability.RESOLVE || access.capabilities().contains(Capability.PULL));
    }

    @Override
    public String toString() {
        return host;
    }
}
