package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How a conversation ends: the client closes the connection once it has heard the last word. Were we to close it first, what it still
 * sends would make the kernel reset the connection, and the last word might not arrive.
 */
final class Farewell {
    /** How long a client may take. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private Farewell() {}

    static void leaveSoon(Channel channel) {
        var unused = channel.eventLoop().schedule(() -> close(channel), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        var _ = channel.closeFuture().addListener(_ -> unused.cancel(false));
    }

    private static void close(Channel channel) {
        var _ = channel.close();
    }
}
