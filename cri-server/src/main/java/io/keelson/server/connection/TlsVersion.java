package io.keelson.server.connection;

import java.util.List;

/** Versions of TLS that are still in use (RFC 8996), by the names that they have in the configuration. */
public enum TlsVersion {
    TLS_1_2("1.2"),
    TLS_1_3("1.3");

    private final String name;

    TlsVersion(String name) {
        this.name = name;
    }

    /** This one and the later ones, as the platform calls them. */
    public List<String> andLater() {
        return switch (this) {
            case TLS_1_2 -> List.of("TLSv1.3", "TLSv1.2");
            case TLS_1_3 -> List.of("TLSv1.3");
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
