package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.host.failure.Failure;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.StreamPodSandboxesRequest;
import io.keelson.proto.StreamPodSandboxesResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplyStreamIT {
    private static final int MANY = 10_000;

    @TempDir
    Path directory;

    private final Calls calls = new Calls();
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void sendsEveryMessageInOrder() {
        try (var server = server(() -> messages(1000))) {
            var ids = IntStream.iterate(0, each -> each + 1).iterator();
            stub(server)
                    .streamPodSandboxes(request())
                    .forEachRemaining(message ->
                            assertThat(message.getPodSandboxes(0).getId()).isEqualTo(Integer.toString(ids.next())));
            assertThat(ids.next()).isEqualTo(1000);
        }
    }

    @Test
    void anEmptyListIsNoMessageAndAnEnd() {
        try (var server = server(() -> messages(0))) {
            assertThat(stub(server).streamPodSandboxes(request()).hasNext()).isFalse();
        }
    }

    @Test
    void makesNoMessageThatTheCallerDoesNotTakeAndStopsWhenItGoes() throws InterruptedException {
        try (var server = server(() -> messages(MANY))) {
            var caller = new Caller();
            RuntimeServiceGrpc.newStub(server.channel).streamPodSandboxes(request(), caller);
            caller.call().request(3);
            assertThat(caller.taken.await(20, TimeUnit.SECONDS)).isTrue();

            // The transport has room for 1 MiB, and a little waits; a message has 16 KiB.
            Awaitility.await().during(Duration.ofMillis(300)).until(() -> made.get() < 200);
            assertThat(calls.operations()).isEqualTo(1);

            caller.call().cancel("enough", null);
            Awaitility.await("the end of its work").until(() -> calls.operations() == 2);
            assertThat(made).hasValueLessThan(200);
        }
    }

    @Test
    void aFailureIsTheEnd() {
        Iterator<StreamPodSandboxesResponse> failing = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public StreamPodSandboxesResponse next() {
                if (made.incrementAndGet() > 2) {
                    throw Failure.unavailable("cannot go on: no more");
                }
                return StreamPodSandboxesResponse.getDefaultInstance();
            }
        };
        try (var server = server(() -> failing)) {
            assertThatThrownBy(() -> stub(server).streamPodSandboxes(request()).forEachRemaining(_ -> {}))
                    .isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                        assertThat(e.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
                        assertThat(e.getStatus().getDescription()).isEqualTo("cannot go on: no more");
                    });
        }
    }

    private TestServer server(Callable<Iterator<StreamPodSandboxesResponse>> work) {
        return new TestServer(directory.resolve("k.sock"), List.of(new RuntimeServiceGrpc.RuntimeServiceImplBase() {
            @Override
            public void streamPodSandboxes(
                    StreamPodSandboxesRequest request, StreamObserver<StreamPodSandboxesResponse> response) {
                calls.stream(Attempt.to("list pods"), response, work);
            }
        }));
    }

    private Iterator<StreamPodSandboxesResponse> messages(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    made.incrementAndGet();
                    return StreamPodSandboxesResponse.newBuilder()
                            .addPodSandboxes(PodSandbox.newBuilder()
                                    .setId(Integer.toString(number))
                                    .putAnnotations("large", "x".repeat(16 * 1024)))
                            .build();
                })
                .iterator();
    }

    private static RuntimeServiceGrpc.RuntimeServiceBlockingStub stub(TestServer server) {
        return RuntimeServiceGrpc.newBlockingStub(server.channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private static StreamPodSandboxesRequest request() {
        return StreamPodSandboxesRequest.getDefaultInstance();
    }

    /** Takes what was asked for with {@code request}, and no more. */
    private static final class Caller
            implements ClientResponseObserver<StreamPodSandboxesRequest, StreamPodSandboxesResponse> {
        private final CountDownLatch taken = new CountDownLatch(3);
        private @Nullable ClientCallStreamObserver<StreamPodSandboxesRequest> call;

        ClientCallStreamObserver<StreamPodSandboxesRequest> call() {
            if (call == null) {
                throw new IllegalStateException("the call has not begun");
            }
            return call;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<StreamPodSandboxesRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(0);
        }

        @Override
        public void onNext(StreamPodSandboxesResponse value) {
            taken.countDown();
        }

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onCompleted() {}
    }
}
