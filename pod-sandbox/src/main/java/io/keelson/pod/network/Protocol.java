package io.keelson.pod.network;

import java.util.Locale;

/** A transport protocol of a port mapping. */
public enum Protocol {
    TCP,
    UDP,
    SCTP;

    /** As CNI's portmap and nft(8) write it. */
    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}
