package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which pod has which port of the host. A port is reserved before its pod is attached, so that a conflict costs nothing, and
 * published afterwards, in one transaction a pod. Should somebody have flushed the rules meanwhile, the next transaction
 * brings all of them back.
 */
final class HostPorts {
    private static final Logger log = LoggerFactory.getLogger(HostPorts.class);

    private final PacketFilter filter;
    private final LoopbackRouting routing;
    private final Flows flows;
    private final Map<String, Reservation> reserved = new HashMap<>();
    private final Map<String, PublishedPod> published = new LinkedHashMap<>();

    /** @param pod its name, for whoever meets the reservation */
    private record Reservation(String pod, List<HostBinding> bindings) {}

    HostPorts(PacketFilter filter, LoopbackRouting routing, Flows flows) {
        this.filter = filter;
        this.routing = routing;
        this.flows = flows;
    }

    /**
     * @param name of the pod, as others are told when they want the same port
     * @throws Failure ALREADY_EXISTS naming the pod that has a port already; INVALID if a mapping is none
     */
    synchronized void reserve(String podId, String name, List<PortMapping> ports) {
        var wanted = new ArrayList<HostBinding>();
        for (var port : ports.stream().distinct().toList()) {
            for (var binding : HostBinding.of(port)) {
                checkFree(podId, binding, wanted);
                wanted.add(binding);
            }
        }
        if (!wanted.isEmpty()) {
            reserved.put(podId, new Reservation(name, wanted));
        }
    }

    private void checkFree(String podId, HostBinding binding, List<HostBinding> own) {
        if (own.stream().anyMatch(binding::overlaps)) {
            throw Failure.invalid("host port " + binding + " is asked for twice");
        }
        reserved.forEach((other, reservation) -> {
            if (!other.equals(podId) && reservation.bindings().stream().anyMatch(binding::overlaps)) {
                throw new Failure(
                        Failure.Kind.ALREADY_EXISTS,
                        "host port " + binding + " belongs to pod " + reservation.pod() + " (" + other + ") already");
            }
        });
    }

    synchronized void release(String podId) {
        reserved.remove(podId);
    }

    /** The interface on which publishing this pod will switch on route_localnet; absent if it is on, and not by us. */
    synchronized Optional<String> interfaceToRoute(PublishedPod pod) {
        if (pod.ports().isEmpty()) {
            return Optional.empty();
        }
        return pod.ipv4()
                .flatMap(each -> routing.interfaceTo(each.address()))
                .filter(each -> isRoutedByUs(each) || !routing.isOn(each));
    }

    private boolean isRoutedByUs(String hostInterface) {
        return published.values().stream().anyMatch(pod -> routes(pod, hostInterface));
    }

    private static boolean routes(PublishedPod pod, String hostInterface) {
        return pod.routedInterface().equals(Optional.of(hostInterface));
    }

    /** @throws Failure UNAVAILABLE if the kernel refuses; then the pod is not published */
    synchronized void publish(PublishedPod pod) {
        if (pod.ports().isEmpty()) {
            return;
        }
        var others = others(pod.podId());
        var first = others.isEmpty();
        apply(first ? "" : HostPortRules.addition(pod, others), plus(others, pod));
        published.put(pod.podId(), pod);
        pod.routedInterface().ifPresent(each -> routing.set(each, true));
        udpBindings(pod).forEach(this::redirect);
    }

    /** A client that has been sending all the time, to nobody, is heard from now on. */
    private void redirect(HostBinding binding) {
        binding.address().map(List::of).orElseGet(flows::hostAddresses).stream()
                .filter(address -> address instanceof Inet4Address == binding.isIpv4())
                .forEach(address -> flows.forgetSentTo(address, binding.port()));
    }

    private static List<HostBinding> udpBindings(PublishedPod pod) {
        return pod.ports().stream()
                .filter(port -> port.protocol() == Protocol.UDP)
                .flatMap(port -> HostBinding.of(port).stream())
                .toList();
    }

    /** A pod that is not published is a success. */
    synchronized void withdraw(String podId) {
        var pod = published.get(podId);
        if (pod == null) {
            return;
        }
        var others = others(podId);
        // The guard goes last: without it pods would reach the host's loopback.
        pod.routedInterface()
                .filter(each -> others.stream().noneMatch(other -> routes(other, each)))
                .ifPresent(each -> routing.set(each, false));
        apply(HostPortRules.removal(pod, others), others);
        published.remove(podId);
    }

    /** Ends what clients of its UDP ports still send to the pod, which is not published any more, or never was by this daemon. */
    void endConversations(PublishedPod pod) {
        if (!udpBindings(pod).isEmpty()) {
            Stream.of(pod.ipv4(), pod.ipv6())
                    .flatMap(Optional::stream)
                    .forEach(address -> flows.forgetAnsweredBy(address.address()));
        }
    }

    /** These pods have their ports, whatever the kernel has; {@link #rebuild} tells it. */
    synchronized void restore(Collection<PublishedPod> pods) {
        for (var pod : pods) {
            if (!pod.ports().isEmpty()) {
                published.put(pod.podId(), pod);
                reserved.put(
                        pod.podId(),
                        new Reservation(
                                pod.name(),
                                pod.ports().stream()
                                        .flatMap(port -> HostBinding.of(port).stream())
                                        .toList()));
            }
        }
    }

    /**
     * Has the kernel publish what is known here, and nothing else.
     *
     * @param onceRouted interfaces that Keelson may have switched to route 127.0.0.0/8 earlier
     */
    synchronized void rebuild(Set<String> onceRouted) {
        onceRouted.stream()
                .filter(each -> published.values().stream().noneMatch(pod -> routes(pod, each)))
                .forEach(each -> routing.set(each, false));
        filter.run(HostPortRules.everything(published.values()));
        published.values().forEach(pod -> pod.routedInterface().ifPresent(each -> routing.set(each, true)));
    }

    private void apply(String change, Collection<PublishedPod> after) {
        if (!change.isEmpty()) {
            try {
                filter.run(change);
                return;
            } catch (Failure e) {
                log.atWarn()
                        .addKeyValue("event", "host-ports-rebuilt")
                        .log(
                                "the rules of host ports are not as they were left, and are made anew: {}",
                                e.getMessage());
            }
        }
        filter.run(HostPortRules.everything(after));
    }

    private Collection<PublishedPod> others(String podId) {
        return published.values().stream()
                .filter(pod -> !pod.podId().equals(podId))
                .toList();
    }

    private static Collection<PublishedPod> plus(Collection<PublishedPod> pods, PublishedPod one) {
        var all = new ArrayList<>(pods);
        all.add(one);
        return all;
    }
}
