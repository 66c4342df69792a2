package io.keelson.e2e;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc.TraceServiceImplBase;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A collector of OpenTelemetry's on a Unix socket that keeps what it is sent. It can hold its answers back. */
final class SpanCollector implements AutoCloseable {
    private final Path socket;
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch answers;
    private final CountDownLatch isAsked = new CountDownLatch(1);
    private final Server server;

    private SpanCollector(Path socket, CountDownLatch answers) throws IOException {
        this.socket = socket;
        this.answers = answers;
        server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .addService(new Service())
                .build()
                .start();
    }

    static SpanCollector start(Path socket) throws IOException {
        return new SpanCollector(socket, new CountDownLatch(0));
    }

    /** One that takes messages, and does not answer. */
    static SpanCollector silent(Path socket) throws IOException {
        return new SpanCollector(socket, new CountDownLatch(1));
    }

    private final class Service extends TraceServiceImplBase {
        @Override
        public void export(ExportTraceServiceRequest request, StreamObserver<ExportTraceServiceResponse> response) {
            isAsked.countDown();
            try {
                answers.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            received.addAll(request.getResourceSpansList());
            response.onNext(ExportTraceServiceResponse.getDefaultInstance());
            response.onCompleted();
        }
    }

    /** Whether a message came. */
    boolean isAsked() {
        return isAsked.getCount() == 0;
    }

    List<Span> spans() {
        return received.stream()
                .flatMap(each -> each.getScopeSpansList().stream())
                .map(ScopeSpans::getSpansList)
                .flatMap(List::stream)
                .toList();
    }

    /** Who sent them: one sender says the same with each message. */
    List<Map<String, String>> senders() {
        return received.stream()
                .map(each -> texts(each.getResource().getAttributesList()))
                .distinct()
                .toList();
    }

    /** Numbers as texts, too. */
    static Map<String, String> texts(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        each -> each.getValue().hasStringValue()
                                ? each.getValue().getStringValue()
                                : String.valueOf(each.getValue().getIntValue())));
    }

    @Override
    public void close() throws IOException {
        answers.countDown();
        server.shutdownNow();
        loop.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        Files.deleteIfExists(socket);
    }
}
