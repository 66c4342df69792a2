package io.keelson.server.rpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.host.failure.Failure;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.GetEventsRequest;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxStats;
import io.keelson.proto.RuntimeServiceGrpc;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What a daemon tells of its node on its CRI socket, for commands at a terminal. */
public final class NodeClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 30;

    /**
     * Something that happened.
     *
     * @param what {@code created}, {@code started}, {@code stopped} or {@code deleted}
     * @param pod as {@code namespace/name}, empty if it is not known any more
     * @param container its name; empty for a pod's own events, or if it is gone
     * @param detail how it ended
     */
    public record Event(
            Instant at, String what, boolean isOfPod, String id, String pod, String container, String detail) {}

    /**
     * What a pod, or a container of one, uses now.
     *
     * @param container its name; empty for the pod itself
     * @param nanoCores of CPU
     */
    public record Usage(String id, String pod, String container, long nanoCores, long memoryBytes, long processes) {}

    private final Path socket;
    private final LocalChannel channel;

    public NodeClient(Path socket) {
        this.socket = socket;
        channel = new LocalChannel(socket);
    }

    /** Tells of every event until the daemon ends. */
    public void follow(Consumer<Event> to) {
        try {
            RuntimeServiceGrpc.newBlockingStub(channel.channel())
                    .getContainerEvents(GetEventsRequest.getDefaultInstance())
                    .forEachRemaining(event -> to.accept(event(event)));
        } catch (StatusRuntimeException e) {
            throw failed("follow events", e);
        }
    }

    /** Of all pods and their containers that run. */
    public List<Usage> usage() {
        try {
            return RuntimeServiceGrpc.newBlockingStub(channel.channel())
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
                    .getStatsList()
                    .stream()
                    .flatMap(NodeClient::usage)
                    .toList();
        } catch (StatusRuntimeException e) {
            throw failed("list what pods use", e);
        }
    }

    private Failure failed(String what, StatusRuntimeException e) {
        var code = e.getStatus().getCode();
        var words = e.getStatus().getDescription();
        return new Failure(
                Failure.Kind.UNAVAILABLE,
                "cannot " + what + " at " + socket + ": " + (words == null ? code.name() : words)
                        + (code == Status.Code.UNAVAILABLE ? "; try: systemctl status keelson" : ""),
                e);
    }

    private static Event event(ContainerEventResponse event) {
        var pod = event.getPodSandboxStatus();
        var isOfPod = pod.getId().equals(event.getContainerId());
        var status = event.getContainersStatusesList().stream()
                .filter(each -> each.getId().equals(event.getContainerId()))
                .findFirst();
        return new Event(
                Instant.ofEpochSecond(0, event.getCreatedAt()),
                event.getContainerEventType()
                        .name()
                        .replaceAll("^CONTAINER_|_EVENT$", "")
                        .toLowerCase(Locale.ROOT),
                isOfPod,
                event.getContainerId(),
                name(pod.getMetadata()),
                status.map(each -> each.getMetadata().getName()).orElse(""),
                status.map(NodeClient::ending).orElse(""));
    }

    private static String ending(ContainerStatus status) {
        return status.getState() == ContainerState.CONTAINER_EXITED
                ? "exit code " + status.getExitCode() + ", " + status.getReason()
                : "";
    }

    private static Stream<Usage> usage(PodSandboxStats stats) {
        var pod = name(stats.getAttributes().getMetadata());
        var linux = stats.getLinux();
        return Stream.concat(
                Stream.of(new Usage(
                        stats.getAttributes().getId(),
                        pod,
                        "",
                        linux.getCpu().getUsageNanoCores().getValue(),
                        linux.getMemory().getWorkingSetBytes().getValue(),
                        linux.getProcess().getProcessCount().getValue())),
                linux.getContainersList().stream().map(container -> usage(pod, container)));
    }

    private static Usage usage(String pod, ContainerStats container) {
        return new Usage(
                container.getAttributes().getId(),
                pod,
                container.getAttributes().getMetadata().getName(),
                container.getCpu().getUsageNanoCores().getValue(),
                container.getMemory().getWorkingSetBytes().getValue(),
                0);
    }

    private static String name(PodSandboxMetadata metadata) {
        return metadata.getName().isEmpty() ? "" : metadata.getNamespace() + "/" + metadata.getName();
    }

    @Override
    public void close() {
        channel.close();
    }
}
