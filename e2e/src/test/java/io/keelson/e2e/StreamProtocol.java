package io.keelson.e2e;

import java.util.List;

/** What a client of streaming speaks. */
enum StreamProtocol {
    SPDY,
    WEBSOCKET;

    /** For the Go client. */
    List<String> flags() {
        return this == WEBSOCKET ? List.of("-websocket") : List.of();
    }
}
