package io.keelson.server.tracing;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.host.failure.Failure;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** The connection with the collector, made with the first span. */
final class CollectorChannel implements AutoCloseable {
    private static final int LONGEST_LINE = 500;

    /** gRPC puts the whole of what a connection failed with into its description. */
    private static final Pattern STACK = Pattern.compile("\\s+at [\\w.$/]+\\([^)]*\\)");

    private final EventLoopGroup loop;
    private final ManagedChannel channel;
    private final Messages messages;

    private CollectorChannel(EventLoopGroup loop, ManagedChannel channel, Messages messages) {
        this.loop = loop;
        this.channel = channel;
        this.messages = messages;
    }

    /** @throws Failure INVALID for authorities that cannot be read */
    static CollectorChannel to(Collector collector) {
        var builder = builder(collector);
        var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var messages = new Messages();
        return new CollectorChannel(
                loop, builder.eventLoopGroup(loop).intercept(messages).build(), messages);
    }

    /**
     * A message waits for its connection, as long as it may take: spans are not lost because a collector starts anew. What became of it
     * is kept here: the exporter tells by classes that are not for others.
     */
    private static final class Messages implements ClientInterceptor {
        private volatile Status last = Status.OK;

        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options.withWaitForReady())) {
                @Override
                public void start(Listener<R> listener, Metadata headers) {
                    super.start(heard(listener), headers);
                }
            };
        }

        private <R> ClientCall.Listener<R> heard(ClientCall.Listener<R> listener) {
            return new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                    last = status;
                    super.onClose(status, trailers);
                }
            };
        }
    }

    private static NettyChannelBuilder builder(Collector collector) {
        var builder = switch (collector.place()) {
            case Collector.Place.Unix(var socket) ->
                NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .channelType(EpollDomainSocketChannel.class)
                        .overrideAuthority("localhost");
            case Collector.Place.Tcp(var host, var port) ->
                NettyChannelBuilder.forAddress(host, port).channelType(EpollSocketChannel.class);
        };
        if (!collector.isEncrypted()) {
            return builder.usePlaintext();
        }
        collector.authorities().ifPresent(file -> trust(builder, file));
        return builder;
    }

    private static void trust(NettyChannelBuilder builder, Path authorities) {
        try {
            builder.sslContext(GrpcSslContexts.forClient()
                    .trustManager(authorities.toFile())
                    .build());
        } catch (SSLException | IllegalArgumentException e) {
            var why = e.getCause() == null ? e : e.getCause();
            throw new Failure(
                    Failure.Kind.INVALID,
                    "tracing.authorities: cannot read " + authorities + ": " + why.getMessage(),
                    e);
        }
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Tries again what failed, at once, however often it did. */
    void connect() {
        channel.resetConnectBackoff();
    }

    /** How the last message ended, in one line. */
    String lastEnd() {
        var status = messages.last;
        var cause = status.getCause();
        var text = status.getCode() + ": " + status.getDescription() + (cause == null ? "" : ": " + cause.getMessage());
        var line = STACK.matcher(text).replaceAll("").replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + "…";
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loop.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
