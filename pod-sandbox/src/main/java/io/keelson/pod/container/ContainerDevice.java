package io.keelson.pod.container;

/** A device of the host, or all below a directory, in a container (CRI v1, Device); permissions are of {@code r}, {@code w}, {@code m}. */
public record ContainerDevice(String containerPath, String hostPath, String permissions) {}
