package io.keelson.server.images;

import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryEndpoint;
import io.keelson.server.config.Configuration;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the configured registries can be reached.
 *
 * @param answering how many do, by a mirror or themselves
 * @param deadMirrors what was asked before, for people
 * @param silent registries for which nobody answers, with why not
 */
public record RegistryReach(int answering, List<String> deadMirrors, List<String> silent) {
    public RegistryReach {
        deadMirrors = List.copyOf(deadMirrors);
        silent = List.copyOf(silent);
    }

    /** @throws io.keelson.host.failure.Failure INVALID naming a file that cannot be used, and the key */
    public static RegistryReach of(Configuration.Images settings) {
        var configured = Registries.configuration(settings).configured();
        var dead = new ArrayList<String>();
        var silent = new ArrayList<String>();
        try (var client = Registries.client(settings)) {
            configured.forEach((name, endpoints) -> {
                var troubles = troubles(client, endpoints);
                if (troubles.size() == endpoints.size()) {
                    silent.add(name + ": " + String.join(", ", troubles));
                } else {
                    dead.addAll(troubles);
                }
            });
        }
        return new RegistryReach(
                configured.size() - silent.size(), dead.stream().distinct().toList(), silent);
    }

    /** Of those that are asked in vain before one answers. */
    private static List<String> troubles(RegistryClient client, List<RegistryEndpoint> endpoints) {
        var troubles = new ArrayList<String>();
        for (var endpoint : endpoints) {
            var trouble = client.trouble(endpoint);
            if (trouble.isEmpty()) {
                break;
            }
            troubles.add(endpoint + " does not answer (" + trouble.get() + ")");
        }
        return troubles;
    }

    /** What would keep pulls from the credentials that are configured, for people; none of them is in it. */
    public static List<String> credentialTroubles(Configuration.Images settings) {
        return Registries.credentials(settings).troubles();
    }
}
