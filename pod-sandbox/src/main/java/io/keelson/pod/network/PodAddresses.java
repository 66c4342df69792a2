package io.keelson.pod.network;

import java.util.List;

/** A pod's IP addresses as text, in the order in which the plugins gave them (CRI PodSandboxNetworkStatus). */
public record PodAddresses(String primary, List<String> additional) {
    public PodAddresses {
        additional = List.copyOf(additional);
    }
}
