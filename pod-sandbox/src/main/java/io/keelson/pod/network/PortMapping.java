package io.keelson.pod.network;

/**
 * A port of the pod that is reached through one of the host (CRI PortMapping).
 *
 * @param hostPort 0 if the port is not published
 * @param hostIp the host's address on which it is published; empty, {@code 0.0.0.0} or {@code ::} for every one
 */
public record PortMapping(Protocol protocol, int containerPort, int hostPort, String hostIp) {}
