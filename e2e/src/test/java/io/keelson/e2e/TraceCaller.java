package io.keelson.e2e;

import com.google.protobuf.ByteString;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.keelson.e2e.node.Cri;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.ImageServiceGrpc.ImageServiceBlockingStub;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** Calls in a trace of its own, as kubelet makes them: W3C's {@code traceparent} goes with each. */
record TraceCaller(Cri cri, ByteString trace, ByteString span, boolean isSampled) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final HexFormat HEX = HexFormat.of();

    static TraceCaller of(Cri cri, boolean isSampled) {
        return new TraceCaller(cri, random(16), random(8), isSampled);
    }

    private static ByteString random(int length) {
        var bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(cri.channel())
                .withDeadlineAfter(Requests.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .withInterceptors(headers());
    }

    ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(cri.channel())
                .withDeadlineAfter(Requests.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .withInterceptors(headers());
    }

    private ClientInterceptor headers() {
        var headers = new Metadata();
        headers.put(
                Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
                "00-%s-%s-%s"
                        .formatted(
                                HEX.formatHex(trace.toByteArray()),
                                HEX.formatHex(span.toByteArray()),
                                isSampled ? "01" : "00"));
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }
}
