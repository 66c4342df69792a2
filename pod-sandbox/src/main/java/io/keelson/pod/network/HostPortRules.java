package io.keelson.pod.network;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The nftables rules of host ports, as nft(8) commands: a pure function of the pods that have some. Each text is one
 * transaction.
 *
 * <p>Table {@code inet keelson} has rules that never change, and maps and sets with elements for each pod. A packet for a
 * local address of the host, from outside or (chain {@code output}) from the host itself, is sent to the pod that the maps
 * name: those with an address in the key come before those for all addresses. On its way out it gets the host's address as
 * its source where the answer would otherwise miss the host:
 *
 * <ul>
 *   <li>if it comes from the pod's own network (sets {@code hairpin4}, {@code hairpin6}: network and pod), be it another pod or
 *       the same: answers within a bridge do not pass the host;
 *   <li>if it comes from 127.0.0.0/8. This takes route_localnet on the interface to the pod (ip-sysctl), which by itself would
 *       let pods reach what listens on the host's loopback alone; so what arrives there from or for these addresses is dropped
 *       (set {@code routed}; chain {@code guard}, before connection tracking has put the addresses of answers back).
 * </ul>
 *
 * <p>IPv6 has no such switch, and ::1 stays the host's own.
 */
final class HostPortRules {
    private static final String REMOVE = """
            add table inet keelson
            delete table inet keelson
            """;

    private static final String TABLE = """
            table inet keelson {
              map at4 { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
              map at6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; }
              map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
              map any6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
              set hairpin4 { type ipv4_addr . ipv4_addr; flags interval; }
              set hairpin6 { type ipv6_addr . ipv6_addr; flags interval; }
              set routed { type ifname; }
              chain publish {
                ip6 daddr ::1 return
                dnat ip to meta l4proto . ip daddr . th dport map @at4
                dnat ip to meta l4proto . th dport map @any4
                dnat ip6 to meta l4proto . ip6 daddr . th dport map @at6
                dnat ip6 to meta l4proto . th dport map @any6
              }
              chain prerouting {
                type nat hook prerouting priority -100; policy accept;
                fib daddr type local jump publish
              }
              chain output {
                type nat hook output priority -100; policy accept;
                fib daddr type local jump publish
              }
              chain postrouting {
                type nat hook postrouting priority 100; policy accept;
                ct status dnat ip saddr . ip daddr @hairpin4 masquerade
                ct status dnat ip6 saddr . ip6 daddr @hairpin6 masquerade
                ct status dnat ip saddr 127.0.0.0/8 oifname @routed masquerade
              }
              chain guard {
                type filter hook prerouting priority -300; policy accept;
                iifname @routed ip saddr 127.0.0.0/8 drop
                iifname @routed ip daddr 127.0.0.0/8 drop
              }
            }
            """;

    private HostPortRules() {}

    /** Replaces whatever the table holds; without host ports there is no table. */
    static String everything(Collection<PublishedPod> pods) {
        var elements = elements(pods);
        return elements.isEmpty() ? REMOVE : REMOVE + TABLE + commands("add", elements);
    }

    /** Adds what only this pod needs to a table that knows the others; empty if that is nothing. */
    static String addition(PublishedPod pod, Collection<PublishedPod> others) {
        return commands("add", only(pod, others));
    }

    /** Takes away what only this pod needs; the table itself if there are no others. */
    static String removal(PublishedPod pod, Collection<PublishedPod> others) {
        return elements(others).isEmpty() ? REMOVE : commands("delete", only(pod, others));
    }

    private static Set<RuleElement> only(PublishedPod pod, Collection<PublishedPod> others) {
        var elements = new LinkedHashSet<>(RuleElement.of(pod));
        elements.removeAll(elements(others));
        return elements;
    }

    private static Set<RuleElement> elements(Collection<PublishedPod> pods) {
        var elements = new LinkedHashSet<RuleElement>();
        pods.forEach(pod -> elements.addAll(RuleElement.of(pod)));
        return elements;
    }

    private static String commands(String verb, Set<RuleElement> elements) {
        var commands = new StringBuilder();
        for (var element : elements) {
            commands.append(verb)
                    .append(" element inet keelson ")
                    .append(element.container())
                    .append(" { ")
                    .append(verb.equals("add") ? element.text() : element.key())
                    .append(" }\n");
        }
        return commands.toString();
    }
}
