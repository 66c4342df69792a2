package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.keelson.host.failure.Failure;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImagePuller;
import io.keelson.image.ImageRemover;
import io.keelson.image.PullSettings;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerLimits;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.VersionRequest;
import io.keelson.proto.VersionResponse;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.rpc.RuntimeCalls.ContainerVerbs;
import io.keelson.server.rpc.RuntimeCalls.PodVerbs;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CriServerIT {
    /** What later work brings. */
    private static final Set<String> NOT_BUILT = Set.of("CheckpointContainer", "CheckpointPod", "RestorePod");

    /** Answers for as long as the caller stays, and has tests of its own. */
    private static final String ENDLESS = "GetContainerEvents";

    @TempDir
    Path directory;

    @Test
    void replacesASocketThatADeadDaemonLeft() throws IOException {
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();

        try (var server = new TestServer(socket(), services())) {
            assertThat(version(server).getRuntimeName()).isEqualTo("keelson");
        }
    }

    @Test
    void refusesASocketOnWhichADaemonAnswers() {
        try (var first = new TestServer(socket(), services())) {
            assertThatThrownBy(() -> Serving.on(socket(), services()))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("a daemon answers on it already");

            assertThat(version(first).getRuntimeName()).isEqualTo("keelson");
        }
    }

    @Test
    void neverRemovesAFileThatIsNotASocket() throws IOException {
        Files.writeString(socket(), "precious");

        assertThatThrownBy(() -> Serving.on(socket(), services())).hasMessageContaining("not a socket");
        assertThat(socket()).hasContent("precious");
    }

    @Test
    void letsRootAndItsGroupConnect() throws IOException {
        try (var _ = new TestServer(socket(), services())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket()).doesNotExist();
    }

    @Test
    void answersWhatKubeletAsksFirst() {
        try (var server = new TestServer(socket(), services())) {
            var version = version(server);
            assertThat(version.getVersion()).isEqualTo("0.1.0");
            assertThat(version.getRuntimeVersion()).isEqualTo("1.2.3");
            assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");

            var images = ImageServiceGrpc.newBlockingStub(server.channel)
                    .imageFsInfo(io.keelson.proto.ImageFsInfoRequest.getDefaultInstance());
            assertThat(images.getImageFilesystems(0).getUsedBytes().getValue()).isEqualTo(7);
            assertThat(images.getImageFilesystems(0).getTimestamp()).isPositive();
            assertThat(images.getContainerFilesystemsCount()).isEqualTo(1);

            var status = RuntimeServiceGrpc.newBlockingStub(server.channel)
                    .status(io.keelson.proto.StatusRequest.newBuilder()
                            .setVerbose(true)
                            .build());
            assertThat(status.getStatus().getConditionsList())
                    .extracting("type")
                    .containsExactly("RuntimeReady", "NetworkReady");
            assertThat(status.getStatus().getConditions(1).getStatus()).isFalse();
            assertThat(status.getStatus().getConditions(1).getReason()).isEqualTo("NetworkPluginNotReady");
            assertThat(status.getStatus().getConditions(1).getMessage()).isEqualTo("no network configuration");
            assertThat(status.getRuntimeHandlersList()).extracting("name").containsExactly("", "crun");
            assertThat(status.getRuntimeHandlersList())
                    .extracting(handler -> handler.getFeatures().getRecursiveReadOnlyMounts())
                    .containsExactly(true, false);
            assertThat(status.getRuntimeHandlersList())
                    .extracting(handler -> handler.getFeatures().getUserNamespaces())
                    .containsExactly(false, true);
            assertThat(status.getFeatures().getMountOptions()).isTrue();
            assertThat(status.getInfoMap().get("config")).isEqualTo("{\"stateDir\":\"/s\"}");
            assertThat(status.getInfoMap().get("setAside")).isEqualTo("[{\"place\":\"/q\",\"why\":\"it is damaged\"}]");
        }
    }

    @Test
    void readsARequestOfTheLimitAndNoLonger() {
        try (var server = new TestServer(socket(), services())) {
            var overhead = VersionRequest.newBuilder()
                            .setVersion("x".repeat(CriServer.REQUEST_LIMIT_BYTES - 100))
                            .build()
                            .getSerializedSize()
                    - (CriServer.REQUEST_LIMIT_BYTES - 100);
            var longest = CriServer.REQUEST_LIMIT_BYTES - overhead;

            assertThat(versionOf(server, "x".repeat(longest)).getRuntimeName()).isEqualTo("keelson");
            assertThatThrownBy(() -> versionOf(server, "x".repeat(longest + 1)))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED));
        }
    }

    @Test
    void interruptsTheWorkOfACallThatWasCancelled() throws InterruptedException {
        var calls = new Calls();
        var begun = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        var slow = new RuntimeServiceGrpc.RuntimeServiceImplBase() {
            @Override
            public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
                calls.reply(Attempt.to("sleep"), response, () -> {
                    begun.countDown();
                    try {
                        Thread.sleep(Duration.ofMinutes(1));
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return VersionResponse.getDefaultInstance();
                });
            }
        };
        try (var server = new TestServer(socket(), List.of(slow));
                var context = Context.current().withCancellation()) {
            context.run(() -> RuntimeServiceGrpc.newStub(server.channel)
                    .version(VersionRequest.getDefaultInstance(), new Ignored()));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

            context.cancel(null);

            assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void answersUnimplementedToEveryCallThatIsNotBuilt() {
        var unimplemented = new TreeSet<String>();
        try (var server = new TestServer(socket(), services())) {
            for (var service :
                    List.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor())) {
                for (var method : service.getMethods()) {
                    if (!ENDLESS.equals(method.getBareMethodName())
                            && code(
                                            server,
                                            method.toBuilder(new Bytes(), new Bytes())
                                                    .build())
                                    == Code.UNIMPLEMENTED) {
                        unimplemented.add(String.valueOf(method.getBareMethodName()));
                    }
                }
            }
        }

        assertThat(unimplemented).containsExactlyInAnyOrderElementsOf(NOT_BUILT);
    }

    private static Code code(TestServer server, io.grpc.MethodDescriptor<ByteString, ByteString> method) {
        try {
            var replies = ClientCalls.blockingServerStreamingCall(
                    server.channel,
                    method,
                    CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                    ByteString.EMPTY);
            replies.forEachRemaining(_ -> {});
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private Path socket() {
        return directory.resolve("k.sock");
    }

    private List<BindableService> services() {
        var calls = new Calls();
        var layers = LayerStore.open(directory.resolve("layers"));
        var catalog = ImageCatalog.open(directory, layers);
        var registries = new RegistryClient(RegistrySettings.DEFAULT);
        var puller = new ImagePuller(
                catalog,
                layers,
                new LayerConverter(layers, LayerLimits.DEFAULT),
                registries,
                RegistryConfiguration::empty,
                PullSettings.DEFAULT);
        var remover = new ImageRemover(catalog, layers, Set::of, _ -> {}, _ -> false);
        var pods = new PodCatalog(new PodPaths(directory, directory));
        var containers = new ContainerCatalog(new ContainerPaths(directory, directory));
        return List.of(
                new RuntimeCalls(
                        calls,
                        "1.2.3",
                        TestServer.node(Optional.of("no network configuration")),
                        new PodVerbs(pods, null, null, null, null, null, null),
                        new ContainerVerbs(containers, null, null, null, null, null, null, null, null, null),
                        new LifeEvents(pods, containers, InstantSource.system()),
                        directory),
                new ImageCalls(
                        calls,
                        catalog,
                        puller,
                        remover,
                        new ImageSpace(directory, () -> 7, () -> 3),
                        name -> name,
                        Set.of("crun"),
                        _ -> false));
    }

    private static VersionResponse version(TestServer server) {
        return versionOf(server, "v1");
    }

    private static VersionResponse versionOf(TestServer server, String version) {
        return RuntimeServiceGrpc.newBlockingStub(server.channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .version(VersionRequest.newBuilder().setVersion(version).build());
    }

    private static final class Ignored implements StreamObserver<VersionResponse> {
        @Override
        public void onNext(VersionResponse value) {}

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onCompleted() {}
    }
}
