package io.keelson.server.stream;

import java.util.List;
import java.util.Optional;

/** What the two sides of a WebSocket agreed on, for strands that are numbered channels. */
record WebSocketProtocol(TalkProtocol version, ChannelCoding coding) {
    /** Of clients that name none. */
    static final WebSocketProtocol UNNAMED = new WebSocketProtocol(TalkProtocol.V1, ChannelCoding.BINARY);

    private static final String BASE64 = "base64.";

    /** The first that the client names and that is one; only the first and the fourth version have base64. */
    static Optional<String> choose(List<String> offered) {
        return offered.stream().filter(name -> of(name).isPresent()).findFirst();
    }

    static Optional<WebSocketProtocol> of(String name) {
        var plain = name.replace(BASE64, "");
        var isBase64 = name.equals(BASE64 + TalkProtocol.V1.id) || name.equals("v4." + BASE64 + TalkProtocol.V1.id);
        return isBase64 || plain.equals(name)
                ? TalkProtocol.of(plain)
                        .map(version ->
                                new WebSocketProtocol(version, isBase64 ? ChannelCoding.BASE64 : ChannelCoding.BINARY))
                : Optional.empty();
    }
}
