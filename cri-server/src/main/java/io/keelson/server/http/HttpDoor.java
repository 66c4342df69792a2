package io.keelson.server.http;

import io.keelson.host.failure.Failure;
import io.keelson.server.rpc.SocketFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Offers pages from {@link #start} until it is closed. Each is made on a virtual thread, and no client delays another. */
public final class HttpDoor implements AutoCloseable {
    private static final int LARGEST_REQUEST_BYTES = 8 << 10;

    /** At once; whoever comes then has to come again. */
    static final int MOST_CONNECTIONS = 64;

    /** What a client may take for its next request. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final ListenAddress address;
    private final Map<String, Supplier<Page>> pages;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final Channel listening;

    private HttpDoor(ListenAddress address, Map<String, Supplier<Page>> pages) {
        this.address = address;
        this.pages = Map.copyOf(pages);
        var bound = bootstrap().bind(local()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            end();
            throw new Failure(
                    Failure.Kind.WRONG_STATE,
                    "cannot listen on " + address + ": " + bound.cause().getMessage(),
                    bound.cause());
        }
        listening = bound.channel();
    }

    /**
     * @param pages by path
     * @throws Failure WRONG_STATE if the address cannot be had
     */
    public static HttpDoor start(ListenAddress address, Map<String, Supplier<Page>> pages) {
        if (address instanceof ListenAddress.Unix(var socket)) {
            SocketFile.prepare(socket);
            var door = new HttpDoor(address, pages);
            SocketFile.open(socket);
            return door;
        }
        return new HttpDoor(address, pages);
    }

    private ServerBootstrap bootstrap() {
        var channel = switch (address) {
            case ListenAddress.Unix _ -> EpollServerDomainSocketChannel.class;
            case ListenAddress.Loopback _ -> EpollServerSocketChannel.class;
        };
        return new ServerBootstrap().group(loop).channel(channel).childHandler(new Connections());
    }

    private SocketAddress local() {
        return switch (address) {
            case ListenAddress.Unix(var socket) -> new DomainSocketAddress(socket.toFile());
            case ListenAddress.Loopback(var loopback) -> loopback;
        };
    }

    /** With the port that was found, where any would do. */
    public SocketAddress localAddress() {
        return listening.localAddress();
    }

    private final class Connections extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            if (connections.size() >= MOST_CONNECTIONS) {
                var _ = channel.close();
                return;
            }
            connections.add(channel);
            channel.pipeline()
                    .addLast(
                            new ReadTimeoutHandler(IDLE.toSeconds(), TimeUnit.SECONDS),
                            new HttpServerCodec(),
                            new HttpObjectAggregator(LARGEST_REQUEST_BYTES),
                            new PageHandler(pages));
        }
    }

    @Override
    public void close() {
        var _ = listening.close().awaitUninterruptibly();
        end();
        if (address instanceof ListenAddress.Unix(var socket)) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                throw new Failure(Failure.Kind.INTERNAL, "cannot remove " + socket + ": " + e, e);
            }
        }
    }

    private void end() {
        var _ = connections.close().awaitUninterruptibly(CLOSE.toMillis());
        var _ = loop.shutdownGracefully(0, CLOSE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE.toMillis());
    }
}
