package io.keelson.pod.network;

/** Who publishes host ports. */
public enum HostPortMode {
    /** Keelson, through nftables; plugins are told of none. */
    KEELSON,
    /** A plugin with the {@code portMappings} capability. */
    CNI
}
