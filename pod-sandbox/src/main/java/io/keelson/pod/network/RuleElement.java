package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An element of one of the maps and sets of {@link HostPortRules}.
 *
 * @param value what a map gives for the key; empty in a set
 */
record RuleElement(String container, String key, String value) {
    /**
     * What the rules must know of this pod.
     *
     * @throws Failure INVALID if a port asks for an address of a family that the pod has none of
     */
    static Set<RuleElement> of(PublishedPod pod) {
        var elements = new LinkedHashSet<RuleElement>();
        for (var port : pod.ports()) {
            elements.addAll(translations(pod, port));
        }
        if (!elements.isEmpty()) {
            pod.ipv4().ifPresent(address -> elements.add(hairpin("hairpin4", address)));
            pod.ipv6().ifPresent(address -> elements.add(hairpin("hairpin6", address)));
            pod.routedInterface().ifPresent(each -> elements.add(new RuleElement("routed", "\"" + each + "\"", "")));
        }
        return elements;
    }

    private static List<RuleElement> translations(PublishedPod pod, PortMapping port) {
        var elements = new ArrayList<RuleElement>();
        for (var binding : HostBinding.of(port)) {
            (binding.isIpv4() ? pod.ipv4() : pod.ipv6())
                    .map(address -> translation(binding, address.address(), port.containerPort()))
                    .ifPresent(elements::add);
        }
        if (elements.isEmpty()) {
            throw Failure.invalid("host port " + port.hostPort() + " is asked for on "
                    + (port.hostIp().isEmpty() ? "all addresses" : port.hostIp())
                    + ", but the pod has no address of that family");
        }
        return elements;
    }

    private static RuleElement translation(HostBinding binding, InetAddress pod, int containerPort) {
        var family = binding.isIpv4() ? "4" : "6";
        var protocol = binding.protocol().lowerCase();
        var value = pod.getHostAddress() + " . " + containerPort;
        return binding.address()
                .map(host -> new RuleElement(
                        "at" + family, protocol + " . " + host.getHostAddress() + " . " + binding.port(), value))
                .orElseGet(() -> new RuleElement("any" + family, protocol + " . " + binding.port(), value));
    }

    private static RuleElement hairpin(String set, CidrAddress address) {
        return new RuleElement(
                set, address.network() + " . " + address.address().getHostAddress(), "");
    }

    /** As nft(8) writes it where it is added; for deletion the key is enough. */
    String text() {
        return value.isEmpty() ? key : key + " : " + value;
    }
}
