package io.keelson.image.registry;

import java.util.Locale;
import java.util.Set;

/** The server that credentials are for, in the forms that it is written in: {@code host}, {@code host/v1/}, {@code https://host/…}. */
public final class ServerAddress {
    private static final Set<String> DOCKER_HUB = Set.of("docker.io", "index.docker.io", "registry-1.docker.io");

    private ServerAddress() {}

    /** Whether it names this host, with the port where there is one. */
    public static boolean isFor(String serverAddress, String host) {
        var named = host(serverAddress);
        var wanted = host.toLowerCase(Locale.ROOT);
        return named.equals(wanted) || (DOCKER_HUB.contains(named) && DOCKER_HUB.contains(wanted));
    }

    private static String host(String serverAddress) {
        var text = serverAddress.toLowerCase(Locale.ROOT);
        var scheme = text.indexOf("://");
        if (scheme >= 0) {
            text = text.substring(scheme + 3);
        }
        var slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }
}
