package io.keelson.server.stream;

import io.keelson.host.failure.Failure;
import io.keelson.server.connection.Connections;
import io.keelson.server.connection.TlsContexts;
import io.keelson.server.connection.TlsSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server that the answers of Exec, Attach and PortForward send their clients to. It is started by the first of them: a node on
 * which nobody looks into containers does not have it.
 */
public final class StreamServer implements AutoCloseable {
    /** What is said to a client that has been silent for too long. */
    static final String IDLE = "nothing was said for too long (streaming.idle_timeout)";

    private static final String STOPPING = "keelson stops; the container goes on";
    private static final int LARGEST_REQUEST_BYTES = 16 << 10;
    /** At once; whoever comes then has to come again. */
    static final int MOST_CONNECTIONS = 2000;

    private static final Duration CLOSE = Duration.ofSeconds(2);
    private static final Logger log = LoggerFactory.getLogger(StreamServer.class);

    /**
     * Where it listens, and how long it waits.
     *
     * @param port 0 for any
     * @param idleTimeout without a byte in either direction a conversation is ended
     * @param creationTimeout what a client may take to say what it came for, and to open the streams that it asked for
     * @param tls absent: nothing is encrypted
     */
    public record Settings(
            String address, int port, Duration idleTimeout, Duration creationTimeout, Optional<TlsSettings> tls) {}

    private final Settings settings;
    private final Optional<TlsContexts> certificates;
    /** By a clock that nobody sets: it knows how much time has passed, and not what time it is. */
    private final Tokens tokens = new Tokens(() -> Instant.ofEpochSecond(0, System.nanoTime()));

    private final Conversations conversations = new Conversations();
    private final SpdyUpgrade spdy;
    private final WebSocketUpgrade webSocket;
    private final Connections connections;
    private @Nullable EventLoopGroup loop;
    private @Nullable Channel listening;

    /** @throws Failure INVALID, or whatever keeps them from being read, if there are certificates to be used and they cannot */
    public StreamServer(Settings settings) {
        this.settings = settings;
        this.certificates = settings.tls().map(TlsContexts::new);
        this.spdy = new SpdyUpgrade(conversations, settings.creationTimeout());
        this.webSocket = new WebSocketUpgrade(conversations, spdy);
        this.connections = new Connections(MOST_CONNECTIONS, certificates, this::serve);
    }

    /**
     * Where a client finds what is offered: once, and within a minute.
     *
     * @throws Failure UNAVAILABLE if the server cannot listen, EXHAUSTED if too many offers wait for their clients
     */
    public URI offer(Offer offer) {
        var address = (InetSocketAddress) start().localAddress();
        var host = address.getAddress().getHostAddress();
        var authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
        var scheme = certificates.isPresent() ? "https://" : "http://";
        return URI.create(scheme + authority + "/" + offer.kind() + "/" + tokens.give(offer));
    }

    private synchronized Channel start() {
        if (listening != null) {
            return listening;
        }
        if (loop == null) {
            loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        }
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(connections)
                .bind(settings.address(), settings.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "cannot listen for streams on " + settings.address() + ":" + settings.port() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listening = bound.channel();
        log.atInfo()
                .addKeyValue("event", "streaming")
                .addKeyValue("address", listening.localAddress())
                .log("serves exec, attach and port-forward");
        return listening;
    }

    private void serve(ChannelPipeline pipeline) {
        pipeline.addLast(
                new IdleStateHandler(0, 0, settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS),
                new HttpServerCodec(),
                new HttpObjectAggregator(LARGEST_REQUEST_BYTES),
                new StreamGate(tokens, spdy, webSocket, settings.creationTimeout()));
    }

    /** How many threads are at work for clients. */
    int threadCount() {
        return conversations.threadCount();
    }

    /** Ends all conversations. */
    @Override
    public synchronized void close() {
        if (listening != null) {
            var _ = listening.close().awaitUninterruptibly();
        }
        conversations.stop(STOPPING, CLOSE);
        connections.close(CLOSE);
        if (loop != null) {
            var _ = loop.shutdownGracefully(0, CLOSE.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly(CLOSE.toMillis());
        }
    }
}
