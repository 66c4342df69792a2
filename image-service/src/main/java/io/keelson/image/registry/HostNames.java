package io.keelson.image.registry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What the name of a host tells about it. Nothing is resolved. */
final class HostNames {
    /** Second-level names below which the names of two-letter domains are registered. */
    private static final Set<String> SECOND_LEVEL =
            Set.of("co", "com", "net", "org", "ac", "gov", "edu", "gob", "go", "ne", "or", "nom", "ltd", "plc", "me");
    /** Domains below which anybody may have a name. */
    private static final Set<String> SHARED = Set.of(
            "amazonaws.com",
            "azurecr.io",
            "azurewebsites.net",
            "cloudfront.net",
            "github.io",
            "githubusercontent.com",
            "gitlab.io",
            "herokuapp.com",
            "pages.dev",
            "r2.dev",
            "run.app",
            "vercel.app",
            "web.app",
            "workers.dev");

    private static final Pattern IPV4 = Pattern.compile("[0-9]+(?:\\.[0-9]+){3}");

    private HostNames() {}

    /** Without port and brackets. */
    static String host(String hostAndPort) {
        if (hostAndPort.startsWith("[")) {
            var end = hostAndPort.indexOf(']');
            return hostAndPort.substring(1, end < 0 ? hostAndPort.length() : end);
        }
        var colon = hostAndPort.indexOf(':');
        return colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
    }

    static boolean isLoopback(String hostAndPort) {
        var host = host(hostAndPort).toLowerCase(Locale.ROOT);
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("::1")
                || (IPV4.matcher(host).matches() && host.startsWith("127."));
    }

    /** Addresses that are never a token server's: this machine's, the link's, nobody's. */
    static boolean isLocal(String hostAndPort) {
        var host = host(hostAndPort).toLowerCase(Locale.ROOT);
        return isLoopback(host)
                || host.startsWith("169.254.")
                || host.startsWith("fe80:")
                || host.startsWith("::ffff:")
                || host.startsWith("0.")
                || host.equals("::");
    }

    /** Whether one owner registered the domain of both. */
    static boolean isSameOwner(String one, String other) {
        if (one.equalsIgnoreCase(other)) {
            return true;
        }
        var domain = registrableDomain(one.toLowerCase(Locale.ROOT));
        return !domain.isEmpty() && domain.equals(registrableDomain(other.toLowerCase(Locale.ROOT)));
    }

    /** Empty where nothing is known to be registered: an address, a single label, a shared domain itself. */
    private static String registrableDomain(String host) {
        if (host.indexOf(':') >= 0 || IPV4.matcher(host).matches()) {
            return "";
        }
        var labels = host.split("\\.", -1);
        var count = 2;
        if (labels.length >= 2) {
            var last = labels[labels.length - 1];
            var second = labels[labels.length - 2];
            if ((last.length() == 2 && SECOND_LEVEL.contains(second)) || SHARED.contains(second + "." + last)) {
                count = 3;
            }
        }
        if (labels.length < count) {
            return "";
        }
        return String.join(".", Arrays.copyOfRange(labels, labels.length - count, labels.length));
    }
}
