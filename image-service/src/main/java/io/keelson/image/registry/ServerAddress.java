package io.keelson.image.registry;

import java.util.Locale;

/** The server that credentials are for, in the forms that it is written in: {@code host}, {@code host/v1/}, {@code https://host/…}. */
final class ServerAddress {
    private ServerAddress() {}

    static boolean isFor(String serverAddress, RegistryEndpoint endpoint) {
        var text = serverAddress.toLowerCase(Locale.ROOT);
        var scheme = text.indexOf("://");
        if (scheme >= 0) {
            text = text.substring(scheme + 3);
        }
        var slash = text.indexOf('/');
        var host = slash < 0 ? text : text.substring(0, slash);
        return host.equals(endpoint.host().toLowerCase(Locale.ROOT))
                || host.equals(endpoint.apiHost().toLowerCase(Locale.ROOT))
                || (endpoint.host().equals("docker.io") && host.equals("index.docker.io"));
    }
}
