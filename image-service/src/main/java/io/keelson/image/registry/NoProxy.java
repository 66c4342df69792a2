package io.keelson.image.registry;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Hosts that no proxy is asked for: names with all names below them, {@code .names} whose own name is not meant, addresses,
 * networks as {@code 10.0.0.0/8}, each with a port or without, or {@code *} for all.
 */
final class NoProxy {
    private final List<BiPredicate<String, Integer>> rules;

    private NoProxy(List<BiPredicate<String, Integer>> rules) {
        this.rules = List.copyOf(rules);
    }

    static NoProxy parse(String text) {
        var rules = new ArrayList<BiPredicate<String, Integer>>();
        for (var item : text.split(",", -1)) {
            var rule = item.strip().toLowerCase(Locale.ROOT);
            if (rule.equals("*")) {
                rules.add((host, port) -> true);
            } else if (!rule.isEmpty()) {
                rules.add(rule(rule));
            }
        }
        return new NoProxy(rules);
    }

    boolean has(String host, int port) {
        var name = HostNames.host(host).toLowerCase(Locale.ROOT);
        return rules.stream().anyMatch(rule -> rule.test(name, port));
    }

    private static BiPredicate<String, Integer> rule(String text) {
        var slash = text.indexOf('/');
        if (slash >= 0) {
            var network = address(text.substring(0, slash));
            var bits = text.substring(slash + 1);
            return (host, port) -> network.isPresent() && isWithin(host, network.get(), bits);
        }
        var host = address(text).isPresent() ? text : HostNames.host(text);
        var wantedPort = host.length() < text.length() && text.lastIndexOf(':') > text.lastIndexOf(']')
                ? text.substring(text.lastIndexOf(':') + 1)
                : "";
        return (name, port) -> (wantedPort.isEmpty() || wantedPort.equals(String.valueOf(port))) && fits(host, name);
    }

    private static boolean fits(String rule, String name) {
        var below = rule.startsWith("*.") ? rule.substring(1) : rule;
        return below.startsWith(".") ? name.endsWith(below) : name.equals(below) || name.endsWith("." + below);
    }

    private static boolean isWithin(String host, byte[] network, String bits) {
        var address = address(host);
        if (address.isEmpty() || address.get().length != network.length || !bits.matches("[0-9]{1,3}")) {
            return false;
        }
        var length = Integer.parseInt(bits);
        var whole = length / Byte.SIZE;
        if (length > network.length * Byte.SIZE || Arrays.mismatch(address.get(), 0, whole, network, 0, whole) >= 0) {
            return false;
        }
        var rest = length % Byte.SIZE;
        return rest == 0 || ((address.get()[whole] ^ network[whole]) & 0xFF) >> (Byte.SIZE - rest) == 0;
    }

    /** Only of what is written as an address; nothing is resolved. */
    private static Optional<byte[]> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text).getAddress());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
