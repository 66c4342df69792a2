package io.keelson.image.registry;

/**
 * One place that an image may be had from.
 *
 * @param host host and optional port
 * @param repository there, which may differ from the one in the reference
 * @param insecure TLS is not verified, and plain HTTP is taken where there is no TLS
 * @param ownsReference whether it is the registry that the reference names, which the user's credentials are for
 */
public record RegistryEndpoint(String host, String repository, boolean insecure, boolean ownsReference) {
    private static final String DOCKER_HUB = "docker.io";

    /** Docker Hub's API has another name than the Hub. */
    String apiHost() {
        return host.equals(DOCKER_HUB) ? "registry-1.docker.io" : host;
    }

    /** Whether plain HTTP will do: loopback never leaves the machine. */
    boolean mayBePlain() {
        return insecure || HostNames.isLoopback(host);
    }

    @Override
    public String toString() {
        return host;
    }
}
