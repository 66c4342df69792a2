package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What ADD answered (CNI 1.1, section 5; CNI 0.2.0 for its predecessors).
 *
 * @param addresses those of the pod, in the plugins' order, and as text just as they wrote them
 * @param json the whole answer, for the next plugin and for DEL
 */
record CniResult(List<Address> addresses, Json.Obj json) {
    /** One of the pod's addresses; {@code text} is without the prefix. */
    record Address(String text, CidrAddress cidr) {
        static Address parse(String cidr) {
            var parsed = CidrAddress.parse(cidr);
            return new Address(cidr.substring(0, cidr.indexOf('/')), parsed);
        }
    }

    /** @throws Failure INVALID if it is not what a plugin may answer */
    static CniResult parse(byte[] bytes) {
        return of(Json.parseObject(bytes));
    }

    static CniResult of(Json.Obj json) {
        return new CniResult(json.has("ip4") || json.has("ip6") ? oldAddresses(json) : addresses(json), json);
    }

    /** @throws Failure UNAVAILABLE if the pod got none: kubelet would make it anew for ever */
    PodAddresses podAddresses() {
        if (addresses.isEmpty()) {
            throw Failure.unavailable("the plugins' result has no IP address for the pod");
        }
        return new PodAddresses(
                addresses.getFirst().text(),
                addresses.stream().skip(1).map(Address::text).toList());
    }

    Optional<CidrAddress> firstIpv4() {
        return first(true);
    }

    Optional<CidrAddress> firstIpv6() {
        return first(false);
    }

    private Optional<CidrAddress> first(boolean ipv4) {
        return addresses.stream()
                .map(Address::cidr)
                .filter(each -> each.isIpv4() == ipv4)
                .findFirst();
    }

    /** Those of interfaces inside the pod; an address that names no interface is the pod's as well. */
    private static List<Address> addresses(Json.Obj json) {
        var interfaces = json.objects("interfaces");
        var result = new ArrayList<Address>();
        for (var ip : json.objects("ips")) {
            var index = ip.findNumber("interface");
            if (index.isPresent() && (index.get() < 0 || index.get() >= interfaces.size())) {
                throw Failure.invalid("\"interface\" is " + index.get() + " of " + interfaces.size() + " interfaces");
            }
            var address = Address.parse(ip.text("address"));
            var inPod = index.map(each -> interfaces.get(Math.toIntExact(each)))
                    .map(each -> !each.textOrEmpty("sandbox").isEmpty())
                    .orElse(true);
            if (inPod) {
                result.add(address);
            }
        }
        return List.copyOf(result);
    }

    private static List<Address> oldAddresses(Json.Obj json) {
        var result = new ArrayList<Address>();
        for (var family : List.of("ip4", "ip6")) {
            json.findObject(family).map(each -> Address.parse(each.text("ip"))).ifPresent(result::add);
        }
        return List.copyOf(result);
    }
}
