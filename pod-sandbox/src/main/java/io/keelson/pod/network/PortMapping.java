package io.keelson.pod.network;

import io.keelson.host.failure.Failure;

/**
 * A port of the pod that is reached through one of the host (CRI PortMapping).
 *
 * @param hostPort 0 if the port is not published
 * @param hostIp the host's address on which it is published; empty, {@code 0.0.0.0} or {@code ::} for every one
 */
public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {
    private static final int MAX_PORT = 65_535;

    /** @throws Failure INVALID if it is published and not in order */
    public PortMapping {
        if (hostPort != 0) {
            checkPort("host port", hostPort);
            checkPort("container port", containerPort);
            if (!hostIp.isEmpty()) {
                var _ = CidrAddress.parseAddress(hostIp);
            }
        }
    }

    private static void checkPort(String what, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw Failure.invalid(what + " " + port + " is not 1 to " + MAX_PORT);
        }
    }
}
