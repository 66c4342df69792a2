package io.keelson.e2e.node;

import java.util.List;
import java.util.Optional;

/**
 * How a node is set up.
 *
 * @param handler the OCI runtime of pods that ask for none: {@code crun} or {@code runc}
 * @param registry host and port that mirror every public registry; absent: no mirrors
 * @param network whether pods have a network from the start
 * @param layerStore as what Keelson stores layers
 * @param tables of Keelson's configuration, besides those that every node has
 */
public record Setup(String handler, Optional<String> registry, boolean network, String layerStore, String tables) {
    /** Registries that the test images are named after. */
    public static final List<String> MIRRORED =
            List.of("registry.k8s.io", "k8s.gcr.io", "gcr.io", "public.ecr.aws", "docker.io");

    /** A node that can pull from nowhere and has no network. */
    public static Setup bare() {
        return new Setup("crun", Optional.empty(), false, "auto", "");
    }

    /** A node with crun, a network, and the registry. */
    public static Setup with(RegistryServer registry) {
        return new Setup("crun", Optional.of(registry.address()), true, "auto", "");
    }

    /** The same with another OCI runtime. */
    public Setup by(String other) {
        return new Setup(other, registry, network, layerStore, tables);
    }

    /** The same without a network. */
    public Setup withoutNetwork() {
        return new Setup(handler, registry, false, layerStore, tables);
    }

    /** The same with layers as something else. */
    public Setup storing(String kind) {
        return new Setup(handler, registry, network, kind, tables);
    }

    /** The same with further tables of configuration. */
    public Setup configured(String more) {
        return new Setup(handler, registry, network, layerStore, tables + more);
    }

    /** The mirrors as {@code containers-registries.conf(5)} has them; empty without a registry. */
    String registriesConf() {
        var text = new StringBuilder();
        registry.ifPresent(address -> MIRRORED.forEach(host -> text.append("""
                [[registry]]
                prefix = "%s"
                location = "%s"
                [[registry.mirror]]
                location = "%s"
                insecure = true
                """.formatted(host, host, address))));
        return text.toString();
    }
}
