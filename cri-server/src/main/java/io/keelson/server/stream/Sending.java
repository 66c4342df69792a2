package io.keelson.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two ways to send: waiting for it, and not. */
final class Sending {
    private static final Logger log = LoggerFactory.getLogger(Sending.class);

    private Sending() {}

    /** Returns when the kernel has it. Never on a thread of the connection. */
    static void await(Channel channel, Object frame) throws IOException {
        try {
            var sent = channel.writeAndFlush(frame).await();
            if (!sent.isSuccess()) {
                throw new IOException("the client is gone", sent.cause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Of what cannot be sent, the end of the connection tells. */
    static void unawaited(ChannelFuture sent) {
        var _ = sent.addListener(result -> {
            if (!result.isSuccess()) {
                log.atDebug()
                        .addKeyValue("event", "frame-not-sent")
                        .setCause(result.cause())
                        .log("a stream's client is gone");
            }
        });
    }
}
