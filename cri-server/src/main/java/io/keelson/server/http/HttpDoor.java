package io.keelson.server.http;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.server.connection.Connections;
import io.keelson.server.connection.TlsContexts;
import io.keelson.server.rpc.SocketFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Offers pages from {@link #start} until it is closed. Each is made on a virtual thread, and no client delays another. */
public final class HttpDoor implements AutoCloseable {
    private static final int LARGEST_REQUEST_BYTES = 8 << 10;

    /** At once; whoever comes then has to come again. */
    static final int MOST_CONNECTIONS = 64;

    /** What a client may take for its next request. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final ListenAddress address;
    private final Served served;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Connections connections;
    private final Channel listening;

    private HttpDoor(ListenAddress address, Served served, Optional<TlsContexts> certificates) {
        this.address = address;
        this.served = served;
        this.connections = new Connections(MOST_CONNECTIONS, certificates, this::serve);
        var bound = bind();
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
     * @throws Failure WRONG_STATE if the address cannot be had; INVALID, or whatever keeps them from being read, if there are
     *     certificates to be used and they cannot
     */
    public static HttpDoor start(ListenAddress address, Served served) {
        var certificates = served.tls().map(TlsContexts::new);
        if (address instanceof ListenAddress.Unix(var socket)) {
            SocketFile.prepare(socket);
            var door = new HttpDoor(address, served, certificates);
            if (served.forRootAlone()) {
                SocketFile.keepForRoot(socket);
            } else {
                SocketFile.open(socket);
            }
            return door;
        }
        return new HttpDoor(address, served, certificates);
    }

    private ServerBootstrap bootstrap() {
        var channel = switch (address) {
            case ListenAddress.Unix _ -> EpollServerDomainSocketChannel.class;
            case ListenAddress.Loopback _ -> EpollServerSocketChannel.class;
        };
        return new ServerBootstrap().group(loop).channel(channel).childHandler(connections);
    }

    /** A socket's directory goes by a descriptor, since an address of unix(7) has no more than 107 bytes. */
    private ChannelFuture bind() {
        return switch (address) {
            case ListenAddress.Unix(var socket) -> {
                var place = socket.toAbsolutePath();
                try (var directory = Descriptors.open(
                        Objects.requireNonNull(place.getParent()), Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
                    var near = directory.procPath().resolve(place.getFileName());
                    yield bootstrap()
                            .bind(new DomainSocketAddress(near.toFile()))
                            .awaitUninterruptibly();
                }
            }
            case ListenAddress.Loopback(var loopback) ->
                bootstrap().bind(loopback).awaitUninterruptibly();
        };
    }

    /** With the port that was found, where any would do. */
    public SocketAddress localAddress() {
        return listening.localAddress();
    }

    private void serve(ChannelPipeline pipeline) {
        pipeline.addLast(
                new ReadTimeoutHandler(IDLE.toSeconds(), TimeUnit.SECONDS),
                new HttpServerCodec(),
                new HttpObjectAggregator(LARGEST_REQUEST_BYTES),
                new PageHandler(served));
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
        connections.close(CLOSE);
        var _ = loop.shutdownGracefully(0, CLOSE.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE.toMillis());
    }
}
