package io.keelson.pod.stats;

/** What went through a network interface since it was made. */
public record InterfaceUsage(
        String name, long receivedBytes, long receiveErrors, long transmittedBytes, long transmitErrors) {}
