package io.keelson.server.rpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyServerBuilder;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * gRPC on a Unix socket, a virtual thread for each call. Tells its version from {@link #open} on, and answers everything else from
 * {@link #serve} until it is closed.
 */
public final class CriServer implements AutoCloseable {
    /** The longest request that is read. */
    public static final int REQUEST_LIMIT_BYTES = 16 * 1024 * 1024;

    private static final int TURN_BYTES = 16 << 10;

    /** At once, by one client; it then waits with the next. */
    static final int MOST_CALLS = 1000;

    /** How many calls one client may cancel in this time before its connection is ended (CVE-2023-44487). */
    private static final int MOST_RESETS = 1000;

    private static final int RESET_WINDOW_SECONDS = 10;

    /** How long calls under way may go on once the server stops, and then how long they have after being interrupted. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(4);

    private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(3);

    private final Path socket;
    private final CallGate gate;
    private final Server server;
    private final MultiThreadIoEventLoopGroup events;
    private final ExecutorService workers;

    private final AtomicBoolean isClosed = new AtomicBoolean();

    private CriServer(
            Path socket, CallGate gate, Server server, MultiThreadIoEventLoopGroup events, ExecutorService workers) {
        this.socket = socket;
        this.gate = gate;
        this.server = server;
        this.events = events;
        this.workers = workers;
    }

    /** Loads what a server is made of, which takes as long as the rest of a start. */
    public static void bind() {
        var _ = Epoll.isAvailable();
        var _ = NettyServerBuilder.forAddress(new DomainSocketAddress("/"));
        var _ = RuntimeServiceGrpc.getServiceDescriptor();
        var _ = ImageServiceGrpc.getServiceDescriptor();
    }

    /**
     * What cannot be answered yet waits.
     *
     * @throws Failure WRONG_STATE if the socket cannot be had
     */
    public static CriServer open(Path socket, VersionCalls version) {
        SocketFile.prepare(socket);
        var events = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var workers = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("call-", 0).factory());
        var builder = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(events)
                .workerEventLoopGroup(events)
                .executor(workers)
                .maxInboundMessageSize(REQUEST_LIMIT_BYTES)
                .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, turns())
                .maxConcurrentCallsPerConnection(MOST_CALLS)
                .maxRstFramesPerWindow(MOST_RESETS, RESET_WINDOW_SECONDS);
        var gate = new CallGate(version);
        gate.services().forEach(builder::addService);
        try {
            var server = builder.build().start();
            SocketFile.open(socket);
            return new CriServer(socket, gate, server, events, workers);
        } catch (IOException | RuntimeException e) {
            workers.close();
            end(events);
            throw e instanceof Failure failure
                    ? failure
                    : new Failure(Failure.Kind.WRONG_STATE, "cannot listen on " + socket + ": " + e, e);
        }
    }

    /**
     * From now on everything is answered, by these.
     *
     * @param witnesses see every call
     */
    public void serve(List<BindableService> services, List<ServerInterceptor> witnesses) {
        gate.open(
                services,
                Stream.concat(Stream.of(new EarlyHeaders()), witnesses.stream()).toList());
    }

    /** One small piece of a client's frames, then the next client's turn: one thread reads for all of them. */
    private static RecvByteBufAllocator turns() {
        return new AdaptiveRecvByteBufAllocator(TURN_BYTES / 4, TURN_BYTES / 4, TURN_BYTES).maxMessagesPerRead(1);
    }

    /** Takes no more calls, lets those under way end within limits, and removes the socket. Only once. */
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        gate.close();
        server.shutdown();
        try {
            if (!server.awaitTermination(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
            }
            workers.shutdownNow();
            var deadline = Deadline.in(AFTER_INTERRUPT);
            workers.awaitTermination(deadline.remainingMillis(), TimeUnit.MILLISECONDS);
            Files.deleteIfExists(socket);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new Failure(Failure.Kind.INTERNAL, "cannot remove " + socket + ": " + e, e);
        } finally {
            end(events);
        }
    }

    private static void end(MultiThreadIoEventLoopGroup events) {
        events.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
