package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;

/** A runtime that serves CRI: how it is configured for a place, and how it is started. */
public interface CriDaemon {
    /** Its name in reports. */
    String name();

    /** Writes its configuration into the place; the command that starts it there, in the foreground. */
    List<String> configure(NodePlace place, Setup setup) throws IOException;

    /** The same, started by the program that these words begin. */
    default CriDaemon behind(List<String> words) {
        var behind = this;
        return new CriDaemon() {
            @Override
            public String name() {
                return behind.name();
            }

            @Override
            public List<String> configure(NodePlace place, Setup setup) throws IOException {
                return Stream.concat(words.stream(), behind.configure(place, setup).stream())
                        .toList();
            }
        };
    }

    /** A bridge network as an operator would write it, with the plugins named in {@code more} after the bridge. */
    static void writeNetwork(NodePlace place, String more) throws IOException {
        Files.createDirectories(place.networks());
        Files.writeString(place.networks().resolve("10-bridge.conflist"), """
                {
                  "cniVersion": "1.0.0",
                  "name": "%s",
                  "plugins": [
                    {
                      "type": "bridge",
                      "bridge": "%s",
                      "isGateway": true,
                      "ipMasq": true,
                      "hairpinMode": true,
                      "ipam": {
                        "type": "host-local",
                        "dataDir": "%s",
                        "ranges": [[{ "subnet": "%s0/22" }]],
                        "routes": [{ "dst": "0.0.0.0/0" }]
                      }
                    }%s
                  ]
                }
                """.formatted(
                        place.bridge(), place.bridge(), place.leases(), place.subnetPrefix(), more));
    }
}
