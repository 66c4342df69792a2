package io.keelson.server.http;

import io.keelson.host.failure.Failure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where pages are offered: a Unix socket, or a port of this node's loopback. */
public sealed interface ListenAddress {
    record Unix(Path socket) implements ListenAddress {
        @Override
        public String toString() {
            return UNIX + socket;
        }
    }

    record Loopback(InetSocketAddress address) implements ListenAddress {
        @Override
        public String toString() {
            return address.toString();
        }
    }

    String UNIX = "unix:";

    /** A number of either family: a name could mean another address tomorrow. */
    Pattern TCP = Pattern.compile("(?<v4>[0-9.]+)?(?:\\[(?<v6>[0-9a-fA-F:]+)])?:(?<port>[0-9]{1,5})");

    int LARGEST_PORT = 0xFFFF;

    /**
     * {@code unix:/run/keelson/metrics.sock}, {@code 127.0.0.1:9637} or {@code [::1]:9637}.
     *
     * @param key of the setting, for the message
     * @throws Failure INVALID
     */
    static ListenAddress parse(String key, String text) {
        if (text.startsWith(UNIX)) {
            var path = Path.of(text.substring(UNIX.length()));
            if (!path.isAbsolute()) {
                throw Failure.invalid(key + ": not the absolute path of a socket: " + path);
            }
            return new Unix(path);
        }
        var address = TCP.matcher(text);
        if (!address.matches() || (address.group("v4") == null) == (address.group("v6") == null)) {
            throw Failure.invalid(key + ": neither unix:PATH nor a number and a port, 127.0.0.1:9637: " + text);
        }
        var port = Integer.parseInt(address.group("port"));
        if (port > LARGEST_PORT) {
            throw Failure.invalid(key + ": not a port: " + port);
        }
        var host = address.group("v4") == null ? address.group("v6") : address.group("v4");
        return new Loopback(new InetSocketAddress(loopback(key, host), port));
    }

    private static InetAddress loopback(String key, String host) {
        try {
            var address = InetAddress.ofLiteral(host);
            if (address.isLoopbackAddress()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.Kind.INVALID, key + ": not an address: " + host, e);
        }
        throw Failure.invalid(key + ": " + host + " can be reached from other nodes; only loopback is offered");
    }
}
