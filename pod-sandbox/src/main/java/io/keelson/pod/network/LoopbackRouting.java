package io.keelson.pod.network;

import java.net.InetAddress;
import java.util.Optional;

/**
 * Whether the host routes packets of 127.0.0.0/8 through an interface ({@code route_localnet}, ip-sysctl), which it must
 * for pods to be reached on 127.0.0.1.
 */
interface LoopbackRouting {
    /** The interface through which the host reaches this IPv4 address without a gateway. */
    Optional<String> interfaceTo(InetAddress address);

    /** False for an interface that does not exist. */
    boolean isOn(String hostInterface);

    /** An interface that does not exist is none to switch. */
    void set(String hostInterface, boolean on);
}
