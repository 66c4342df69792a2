package io.keelson.pod.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A port of the host in one address family.
 *
 * @param address absent for all of the family
 */
record HostBinding(Protocol protocol, boolean isIpv4, Optional<InetAddress> address, int port) {
    /** What a mapping takes of the host; nothing if it is not published. */
    static List<HostBinding> of(PortMapping mapping) {
        if (mapping.hostPort() == 0) {
            return List.of();
        }
        if (mapping.hostIp().isEmpty()) {
            return List.of(
                    new HostBinding(mapping.protocol(), true, Optional.empty(), mapping.hostPort()),
                    new HostBinding(mapping.protocol(), false, Optional.empty(), mapping.hostPort()));
        }
        var address = CidrAddress.parseAddress(mapping.hostIp());
        return List.of(new HostBinding(
                mapping.protocol(),
                address instanceof Inet4Address,
                address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address),
                mapping.hostPort()));
    }

    /** Whether a packet could be meant for both. */
    boolean overlaps(HostBinding other) {
        return protocol == other.protocol
                && isIpv4 == other.isIpv4
                && port == other.port
                && (address.isEmpty() || other.address.isEmpty() || address.equals(other.address));
    }

    @Override
    public String toString() {
        var host = address.map(InetAddress::getHostAddress).orElse("*");
        return protocol.lowerCase() + " " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
