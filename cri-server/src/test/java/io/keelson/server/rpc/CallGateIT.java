package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxResponse;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.VersionRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallGateIT {
    private static final long PATIENCE_SECONDS = 60;
    private static final Duration IMPATIENCE = Duration.ofMillis(200);

    @TempDir
    Path directory;

    private TestServer server;

    @BeforeEach
    void open() {
        server = TestServer.starting(directory.resolve("k.sock"), "1.2.3");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static final class Pods extends RuntimeServiceImplBase {
        @Override
        public void listPodSandbox(ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> response) {
            response.onNext(ListPodSandboxResponse.newBuilder()
                    .addItems(PodSandbox.newBuilder().setId("restored"))
                    .build());
            response.onCompleted();
        }
    }

    @Test
    void tellsItsVersionWhileEverythingElseWaits() throws Exception {
        var list = RuntimeServiceGrpc.newFutureStub(server.channel)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance());

        assertThat(version()).isEqualTo("1.2.3");
        assertThat(code(() -> impatient().status(StatusRequest.getDefaultInstance())))
                .isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(code(() -> ImageServiceGrpc.newBlockingStub(server.channel)
                        .withDeadlineAfter(IMPATIENCE)
                        .listImages(ListImagesRequest.getDefaultInstance())))
                .isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(list.isDone()).isFalse();

        server.server.serve(List.of(new Pods()), List.of());

        assertThat(list.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getItems(0).getId())
                .isEqualTo("restored");
        assertThat(code(() -> impatient().status(StatusRequest.getDefaultInstance())))
                .isEqualTo(Code.UNIMPLEMENTED);
    }

    @Test
    void refusesWhatWaitedForAStartThatFailed() {
        // Calls of a client that is connected are sent in their order.
        assertThat(version()).isEqualTo("1.2.3");
        var list = RuntimeServiceGrpc.newFutureStub(server.channel)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        assertThat(version()).isEqualTo("1.2.3");

        server.server.close();

        assertThatThrownBy(() -> list.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .hasMessageStartingWith("UNAVAILABLE: the daemon ended before it had restored");
        assertThat(directory.resolve("k.sock")).doesNotExist();
    }

    private String version() {
        return RuntimeServiceGrpc.newBlockingStub(server.channel)
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .version(VersionRequest.getDefaultInstance())
                .getRuntimeVersion();
    }

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub impatient() {
        return RuntimeServiceGrpc.newBlockingStub(server.channel).withDeadlineAfter(IMPATIENCE);
    }

    private static Code code(Runnable call) {
        try {
            call.run();
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }
}
