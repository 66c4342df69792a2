package io.keelson.pod.files;

import java.util.List;

/** What a pod's resolv.conf says (CRI v1, DNSConfig; resolv.conf(5)). */
public record DnsConfig(List<String> servers, List<String> searches, List<String> options) {
    public DnsConfig {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }
}
