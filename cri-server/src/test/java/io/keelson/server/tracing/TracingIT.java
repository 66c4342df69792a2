package io.keelson.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.server.connection.TestCertificates;
import io.keelson.server.connection.TestCertificates.KeyForm;
import io.keelson.server.rpc.Health;
import io.keelson.server.rpc.Serving;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracingIT {
    private static final int ALL = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private TestCertificates certificates;

    @BeforeEach
    void certify() throws Exception {
        certificates = new TestCertificates(directory);
        certificates.make("collector", KeyForm.ELLIPTIC_PKCS8);
    }

    /** Takes messages as bytes: names are in them as they are. */
    private Server collector() throws IOException {
        var bytes = new MethodDescriptor.Marshaller<String>() {
            @Override
            public InputStream stream(String text) {
                return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
            }

            @Override
            public String parse(InputStream stream) {
                try {
                    return new String(stream.readAllBytes(), StandardCharsets.ISO_8859_1);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        var name = "opentelemetry.proto.collector.trace.v1.TraceService";
        var export = MethodDescriptor.<String, String>newBuilder(bytes, bytes)
                .setType(MethodType.UNARY)
                .setFullMethodName(name + "/Export")
                .build();
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0))
                .useTransportSecurity(
                        certificates.certificate("collector").toFile(),
                        certificates.key("collector").toFile())
                .addService(ServerServiceDefinition.builder(name)
                        .addMethod(export, ServerCalls.asyncUnaryCall((request, response) -> {
                            received.add(request);
                            response.onNext("");
                            response.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    private static Tracing tracing(int port, Path authorities, int rate) {
        var collector = Collector.of("tracing", "127.0.0.1:" + port, authorities.toString(), false);
        return Tracing.start(collector, rate, "1.2.3", "node-1");
    }

    /** One call, which the server does not have. */
    private void call(Tracing tracing) {
        var socket = directory.resolve("k.sock");
        try (var _ = Serving.on(socket, List.of(new RuntimeServiceImplBase() {}), tracing.calls());
                var health = new Health(socket)) {
            assertThat(health.healthz().orElseThrow()).contains("UNIMPLEMENTED");
        }
    }

    private static long spans(Tracing tracing, String outcome) {
        return Objects.requireNonNull(tracing.spans().get(outcome)).getAsLong();
    }

    @Test
    void callsWithoutATraceAreTracedAsOftenAsIsSaidAndSentOverTls() throws Exception {
        var collector = collector();
        try (var all = tracing(collector.getPort(), certificates.certificate("collector"), ALL);
                var none = tracing(collector.getPort(), certificates.certificate("collector"), 0)) {
            call(none);
            call(all);
            Awaitility.await("the span of the call").atMost(PATIENCE).until(() -> spans(all, "sent") == 1);
            assertThat(spans(none, "sent") + spans(none, "lost")).isZero();
            assertThat(received)
                    .singleElement()
                    .asString()
                    .contains("runtime.v1.RuntimeService/Status", "node-1", "1.2.3");
        } finally {
            collector.shutdownNow();
        }
    }

    @Test
    void aCollectorThatNobodyWhoIsTrustedSignedForGetsNothing() throws Exception {
        certificates.make("other", KeyForm.ELLIPTIC_PKCS8);
        var collector = collector();
        try (var tracing = tracing(collector.getPort(), certificates.certificate("other"), ALL)) {
            call(tracing);
            Awaitility.await("the span to be lost").atMost(PATIENCE).until(() -> spans(tracing, "lost") == 1);
            assertThat(received).isEmpty();
        } finally {
            collector.shutdownNow();
        }
    }

    @Test
    void authoritiesThatCannotBeReadStopTheStartAndAreNamed() {
        assertThatThrownBy(() -> tracing(1, directory.resolve("none.pem"), ALL))
                .hasMessageContaining("tracing.authorities: cannot read " + directory.resolve("none.pem"));
    }
}
