package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.host.failure.Failure;
import io.keelson.proto.ContainerAttributes;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.CpuUsage;
import io.keelson.proto.GetEventsRequest;
import io.keelson.proto.LinuxPodSandboxStats;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.ListPodSandboxStatsResponse;
import io.keelson.proto.MemoryUsage;
import io.keelson.proto.PodSandboxAttributes;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxStats;
import io.keelson.proto.PodSandboxStatus;
import io.keelson.proto.ProcessUsage;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.UInt64Value;
import io.keelson.server.rpc.NodeClient.Event;
import io.keelson.server.rpc.NodeClient.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeClientIT {
    private static final PodSandboxMetadata WEB = PodSandboxMetadata.newBuilder()
            .setNamespace("default")
            .setName("web")
            .build();

    @TempDir
    Path directory;

    private Path socket;
    private CriServer server;
    private NodeClient client;

    @BeforeEach
    void start() {
        socket = directory.resolve("k.sock");
        server = Serving.on(socket, List.of(new Service()));
        client = new NodeClient(socket);
    }

    @AfterEach
    void end() {
        client.close();
        server.close();
    }

    private static final class Service extends RuntimeServiceImplBase {
        @Override
        public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> response) {
            var pod = PodSandboxStatus.newBuilder().setId("p1").setMetadata(WEB);
            response.onNext(ContainerEventResponse.newBuilder()
                    .setContainerId("p1")
                    .setContainerEventType(ContainerEventType.CONTAINER_STARTED_EVENT)
                    .setCreatedAt(1)
                    .setPodSandboxStatus(pod)
                    .build());
            response.onNext(ContainerEventResponse.newBuilder()
                    .setContainerId("c1")
                    .setContainerEventType(ContainerEventType.CONTAINER_STOPPED_EVENT)
                    .setCreatedAt(2)
                    .setPodSandboxStatus(pod)
                    .addContainersStatuses(ContainerStatus.newBuilder()
                            .setId("c1")
                            .setMetadata(ContainerMetadata.newBuilder().setName("app"))
                            .setState(ContainerState.CONTAINER_EXITED)
                            .setExitCode(3)
                            .setReason("Error"))
                    .build());
            response.onError(Status.UNAVAILABLE
                    .withDescription("cannot tell more events: the daemon ends")
                    .asRuntimeException());
        }

        @Override
        public void listPodSandboxStats(
                ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> response) {
            response.onNext(ListPodSandboxStatsResponse.newBuilder()
                    .addStats(PodSandboxStats.newBuilder()
                            .setAttributes(PodSandboxAttributes.newBuilder()
                                    .setId("p1")
                                    .setMetadata(WEB))
                            .setLinux(LinuxPodSandboxStats.newBuilder()
                                    .setCpu(CpuUsage.newBuilder().setUsageNanoCores(value(30)))
                                    .setMemory(MemoryUsage.newBuilder().setWorkingSetBytes(value(20)))
                                    .setProcess(ProcessUsage.newBuilder().setProcessCount(value(4)))
                                    .addContainers(ContainerStats.newBuilder()
                                            .setAttributes(ContainerAttributes.newBuilder()
                                                    .setId("c1")
                                                    .setMetadata(ContainerMetadata.newBuilder()
                                                            .setName("app")))
                                            .setCpu(CpuUsage.newBuilder().setUsageNanoCores(value(10)))
                                            .setMemory(MemoryUsage.newBuilder().setWorkingSetBytes(value(5))))))
                    .build());
            response.onCompleted();
        }

        private static UInt64Value value(long value) {
            return UInt64Value.newBuilder().setValue(value).build();
        }
    }

    @Test
    void eventsAreToldUntilTheDaemonEnds() {
        var told = new ArrayList<Event>();
        assertThatThrownBy(() -> client.follow(told::add))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot follow events at " + socket)
                .hasMessageContaining("the daemon ends; try: systemctl status keelson");
        assertThat(told)
                .containsExactly(
                        new Event(Instant.ofEpochSecond(0, 1), "started", true, "p1", "default/web", "", ""),
                        new Event(
                                Instant.ofEpochSecond(0, 2),
                                "stopped",
                                false,
                                "c1",
                                "default/web",
                                "app",
                                "exit code 3, Error"));
    }

    @Test
    void usageIsThatOfPodsAndTheirContainers() {
        assertThat(client.usage())
                .containsExactly(
                        new Usage("p1", "default/web", "", 30, 20, 4), new Usage("c1", "default/web", "app", 10, 5, 0));
    }

    @Test
    void withoutADaemonOneLineSaysWhatToTry() {
        server.close();
        assertThatThrownBy(client::usage)
                .hasMessageContaining("cannot list what pods use at " + socket)
                .hasMessageContaining("try: systemctl status keelson");
    }
}
