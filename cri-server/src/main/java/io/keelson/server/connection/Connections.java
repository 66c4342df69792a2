package io.keelson.server.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A server's clients: no more than so many at once, over TLS if there are certificates. Used by any thread. */
public final class Connections extends ChannelInitializer<Channel> {
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final int most;
    private final Optional<TlsContexts> certificates;
    private final Consumer<ChannelPipeline> served;

    /**
     * @param most at once; whoever comes then is closed and has to come again
     * @param served adds what handles a connection, on the connection's thread
     */
    public Connections(int most, Optional<TlsContexts> certificates, Consumer<ChannelPipeline> served) {
        this.most = most;
        this.certificates = certificates;
        this.served = served;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (open.size() >= most) {
            var _ = channel.close();
            return;
        }
        open.add(channel);
        certificates.ifPresent(each -> channel.pipeline().addLast(each.current().newHandler(channel.alloc())));
        served.accept(channel.pipeline());
    }

    /** Closes all, and waits so long for it at the most. */
    public void close(Duration patience) {
        var _ = open.close().awaitUninterruptibly(patience.toMillis());
    }
}
