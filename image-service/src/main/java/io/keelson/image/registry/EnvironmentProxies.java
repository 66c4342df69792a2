package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxies that the environment names: {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY}, in capitals or not. This
 * machine itself is never asked for through one.
 */
final class EnvironmentProxies extends ProxySelector {
    private record Server(InetSocketAddress address, Optional<String> authorization) {}

    private final Optional<Server> plain;
    private final Optional<Server> secure;
    private final NoProxy exceptions;

    private EnvironmentProxies(Optional<Server> plain, Optional<Server> secure, NoProxy exceptions) {
        this.plain = plain;
        this.secure = secure;
        this.exceptions = exceptions;
    }

    /**
     * Absent if the environment names none.
     *
     * @throws Failure INVALID naming the variable that cannot be understood
     */
    static Optional<EnvironmentProxies> of(Map<String, String> environment) {
        var plain = server(environment, "HTTP_PROXY");
        var secure = server(environment, "HTTPS_PROXY");
        return plain.isEmpty() && secure.isEmpty()
                ? Optional.empty()
                : Optional.of(new EnvironmentProxies(plain, secure, NoProxy.parse(value(environment, "NO_PROXY"))));
    }

    private static String value(Map<String, String> environment, String name) {
        var value = environment.getOrDefault(name, "");
        return value.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : value;
    }

    private static Optional<Server> server(Map<String, String> environment, String name) {
        var text = value(environment, name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            var address = new URI(text.contains("://") ? text : "http://" + text);
            if (address.getHost() == null || !"http".equalsIgnoreCase(address.getScheme())) {
                // What it says is left out: a password may be in it.
                throw Failure.invalid(name + " does not name a proxy as http://host:port");
            }
            var port = address.getPort() < 0 ? 80 : address.getPort();
            return Optional.of(new Server(
                    InetSocketAddress.createUnresolved(address.getHost(), port),
                    Optional.ofNullable(address.getRawUserInfo()).map(EnvironmentProxies::authorization)));
        } catch (URISyntaxException e) {
            throw Failure.invalid(name + " is no address");
        }
    }

    private static String authorization(String userInfo) {
        var colon = userInfo.indexOf(':');
        var user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        var password = colon < 0 ? "" : userInfo.substring(colon + 1);
        return Credentials.basic(decoded(user), decoded(password)).basicHeader();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private Optional<Server> server(URI uri) {
        var origin = Origin.of(uri);
        var chosen = origin.isSecure() ? secure : plain;
        return chosen.filter(
                _ -> !HostNames.isLoopback(origin.host()) && !exceptions.has(origin.host(), origin.port()));
    }

    /** What the proxy for this address is to be told, if there is one and it has a password. */
    Optional<String> authorization(URI uri) {
        return server(uri).flatMap(Server::authorization);
    }

    @Override
    public List<Proxy> select(URI uri) {
        return server(uri)
                .map(found -> new InetSocketAddress(
                        found.address().getHostString(), found.address().getPort()))
                .map(address -> List.of(new Proxy(Proxy.Type.HTTP, address)))
                .orElse(List.of(Proxy.NO_PROXY));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // The request that wanted it fails, and says so.
    }
}
