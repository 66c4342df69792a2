package io.keelson.e2e.node;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.ImageServiceGrpc.ImageServiceBlockingStub;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceStub;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A client of any CRI socket, over one connection, as kubelet has one. */
public final class Cri implements AutoCloseable {
    private static final int LARGEST_MESSAGE_BYTES = 16 << 20;

    /** For all clients, and never ended: a call that is under way when its client is closed needs it to hear of that. */
    private static final EventLoopGroup LOOP =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("cri", true), EpollIoHandler.newFactory());

    private final ManagedChannel channel;

    private Cri(Path socket) {
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(LOOP)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
                .usePlaintext()
                .build();
    }

    /** Connects with the first call. */
    public static Cri connect(Path socket) {
        return new Cri(socket);
    }

    /** Pods and containers; every call has {@code deadline}. */
    public RuntimeServiceBlockingStub runtime(Duration deadline) {
        return RuntimeServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Images; every call has {@code deadline}. */
    public ImageServiceBlockingStub images(Duration deadline) {
        return ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Pods and containers, for calls whose answers come as they happen, without a deadline. */
    public RuntimeServiceStub events() {
        return RuntimeServiceGrpc.newStub(channel);
    }

    /** Any call, by whoever knows its bytes. */
    public Channel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
