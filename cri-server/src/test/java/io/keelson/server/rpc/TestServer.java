package io.keelson.server.rpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.keelson.host.json.Json;
import io.keelson.host.record.SetAside;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A server on a socket, and a client of it. */
final class TestServer implements AutoCloseable {
    final CriServer server;
    final ManagedChannel channel;
    private final MultiThreadIoEventLoopGroup events = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Path socket;

    TestServer(Path socket, List<BindableService> services) {
        this(socket, Serving.on(socket, services));
    }

    private TestServer(Path socket, CriServer server) {
        this.socket = socket;
        this.server = server;
        channel = connect();
    }

    /** One that only tells its version yet. */
    static TestServer starting(Path socket, String version) {
        return new TestServer(socket, CriServer.open(socket, new VersionCalls(new Calls(), version)));
    }

    /** Another client, with a connection of its own. */
    ManagedChannel connect() {
        var connected = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(events)
                .usePlaintext()
                .build();
        channels.add(connected);
        return connected;
    }

    static NodeStatus node(Optional<String> networkTrouble) {
        return new NodeStatus(
                Optional::empty,
                () -> networkTrouble,
                Optional::empty,
                Optional::empty,
                List.of("crun"),
                name -> new RuntimeFeatures("crun", name.isEmpty(), false, false, Optional.empty()),
                name -> !name.isEmpty(),
                CgroupDriver.SYSTEMD,
                Json.object().put("stateDir", "/s").build(),
                () -> List.of(new SetAside.Kept(Path.of("/q"), "it is damaged")));
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.close();
        events.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
