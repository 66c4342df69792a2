package io.keelson.pod.network;

import java.util.List;
import java.util.Optional;

/**
 * A pod whose ports are, or are to be, published.
 *
 * @param name for people
 * @param ipv4 its first address of the family, with its network
 * @param routedInterface the host's interface to it, if Keelson lets packets of 127.0.0.0/8 through it
 */
record PublishedPod(
        String podId,
        String name,
        List<PortMapping> ports,
        Optional<CidrAddress> ipv4,
        Optional<CidrAddress> ipv6,
        Optional<String> routedInterface) {
    PublishedPod {
        ports = ports.stream().filter(port -> port.hostPort() != 0).distinct().toList();
    }

    static PublishedPod of(Attachment attachment) {
        return new PublishedPod(
                attachment.podId(),
                attachment.request().fullName(),
                attachment.request().ports(),
                attachment.result().flatMap(CniResult::firstIpv4),
                attachment.result().flatMap(CniResult::firstIpv6),
                attachment.routedInterface());
    }
}
