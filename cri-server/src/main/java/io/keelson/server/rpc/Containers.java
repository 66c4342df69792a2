package io.keelson.server.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.keelson.host.failure.Failure;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerConfig;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.container.ContainerDevice;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerState;
import io.keelson.pod.container.ExecSync;
import io.keelson.proto.CDIDevice;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerResources;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.ContainerStatusResponse;
import io.keelson.proto.ContainerUser;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.LinuxContainerUser;
import io.keelson.proto.ListContainersResponse;
import io.keelson.proto.StreamContainersResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Between CRI's containers and ours. */
final class Containers {
    private Containers() {}

    /** An id, or the beginning of one, which must be something: the empty beginning fits every container. */
    static String id(String id) {
        if (id.isEmpty()) {
            throw Failure.invalid("the request names no container");
        }
        return id;
    }

    static ContainerConfig config(io.keelson.proto.ContainerConfig config) {
        var name = config.getMetadata().getName();
        if (name.isEmpty()) {
            throw Failure.invalid("config.metadata.name is empty");
        }
        if (config.getImage().getImage().isEmpty()) {
            throw Failure.invalid("config.image.image is empty");
        }
        return new ContainerConfig(
                name,
                config.getMetadata().getAttempt(),
                Mounts.image(config.getImage()),
                config.getCommandList(),
                config.getArgsList(),
                config.getWorkingDir(),
                config.getEnvsList().stream()
                        .map(each -> new EnvironmentVariable(each.getKey(), text(each.getValue(), each.getKey())))
                        .toList(),
                config.getMountsList().stream().map(Mounts::of).toList(),
                config.getDevicesList().stream()
                        .map(each ->
                                new ContainerDevice(each.getContainerPath(), each.getHostPath(), each.getPermissions()))
                        .toList(),
                config.getCDIDevicesList().stream().map(CDIDevice::getName).toList(),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                config.getLogPath(),
                config.getStdin(),
                config.getStdinOnce(),
                config.getTty(),
                Resources.of(config.getLinux().getResources()),
                Securities.container(config.getLinux().getSecurityContext()),
                Signals.name(config.getStopSignal()));
    }

    /** The OCI configuration is JSON, which has no other text than Unicode. */
    private static String text(ByteString value, String variable) {
        if (!value.isValidUtf8()) {
            throw Failure.invalid("the value of environment variable " + variable + " is not UTF-8");
        }
        return value.toStringUtf8();
    }

    static ContainerFilter filter(io.keelson.proto.ContainerFilter filter) {
        return new ContainerFilter(
                filter.getId(),
                filter.getPodSandboxId(),
                filter.hasState() ? Optional.of(kind(filter.getState().getState())) : Optional.empty(),
                filter.getLabelSelectorMap());
    }

    static ListContainersResponse list(List<Container> containers) {
        return ListContainersResponse.newBuilder()
                .addAllContainers(Pages.whole(containers.stream().map(Containers::item), "StreamContainers"))
                .build();
    }

    static Iterator<StreamContainersResponse> stream(List<Container> containers) {
        return Pages.of(
                containers.stream().map(Containers::item),
                page -> StreamContainersResponse.newBuilder()
                        .addAllContainers(page)
                        .build());
    }

    private static io.keelson.proto.Container item(Container container) {
        return io.keelson.proto.Container.newBuilder()
                .setId(container.id().hex())
                .setPodSandboxId(container.pod().hex())
                .setMetadata(metadata(container))
                .setImage(Mounts.wire(container.config().image()))
                .setImageRef(container.image().digestName())
                .setImageId(container.image().id())
                .setState(state(container.state()))
                .setCreatedAt(Times.nanos(container.createdAt()))
                .putAllLabels(container.config().labels())
                .putAllAnnotations(container.config().annotations())
                .build();
    }

    static ContainerStatusResponse response(ContainerCatalog catalog, Container container, boolean verbose) {
        var response = ContainerStatusResponse.newBuilder().setStatus(status(container));
        if (verbose) {
            response.putInfo("info", new String(catalog.details(container.id()).toBytes(), StandardCharsets.UTF_8));
        }
        return response.build();
    }

    static ContainerStatus status(Container container) {
        var config = container.config();
        var status = ContainerStatus.newBuilder()
                .setId(container.id().hex())
                .setMetadata(metadata(container))
                .setState(state(container.state()))
                .setCreatedAt(Times.nanos(container.createdAt()))
                .setImage(Mounts.wire(config.image()).toBuilder()
                        .setImage(container.image().name()))
                .setImageRef(container.image().digestName())
                .setImageId(container.image().id())
                .putAllLabels(config.labels())
                .putAllAnnotations(config.annotations())
                .setLogPath(container.logPath().map(Object::toString).orElse(""))
                .setResources(ContainerResources.newBuilder().setLinux(Resources.wire(container.resources())))
                .setUser(ContainerUser.newBuilder()
                        .setLinux(LinuxContainerUser.newBuilder()
                                .setUid(container.user().uid())
                                .setGid(container.user().gid())
                                .addAllSupplementalGroups(container.user().supplementary())))
                .setStopSignal(Signals.of(container.stopSignal()));
        config.mounts().forEach(mount -> status.addMounts(Mounts.wire(mount)));
        switch (container.state()) {
            case ContainerState.Created _ -> {}
            case ContainerState.Running running -> status.setStartedAt(Times.nanos(running.startedAt()));
            case ContainerState.Exited exited -> {
                exited.startedAt().ifPresent(at -> status.setStartedAt(Times.nanos(at)));
                status.setFinishedAt(Times.nanos(exited.finishedAt()))
                        .setExitCode(exited.exitCode())
                        .setReason(exited.reason())
                        .setMessage(exited.message());
            }
            case ContainerState.Lost lost -> {
                lost.startedAt().ifPresent(at -> status.setStartedAt(Times.nanos(at)));
                status.setMessage(lost.why());
            }
        }
        return status.build();
    }

    /** Zero is the wire's word for no limit. */
    static Optional<Duration> timeout(ExecSyncRequest request) {
        if (request.getTimeout() < 0) {
            throw Failure.invalid("the time for a command is " + request.getTimeout() + " s, less than none");
        }
        return request.getTimeout() == 0 ? Optional.empty() : Optional.of(Times.seconds(request.getTimeout()));
    }

    static List<String> command(ExecSyncRequest request) {
        if (request.getCmdCount() == 0) {
            throw Failure.invalid("the request has no command to run");
        }
        return request.getCmdList();
    }

    static ExecSyncResponse response(ExecSync.Result result) {
        return ExecSyncResponse.newBuilder()
                .setExitCode(result.exitCode())
                // Nobody changes them any more.
                .setStdout(UnsafeByteOperations.unsafeWrap(result.stdout()))
                .setStderr(UnsafeByteOperations.unsafeWrap(result.stderr()))
                .build();
    }

    private static ContainerMetadata metadata(Container container) {
        return ContainerMetadata.newBuilder()
                .setName(container.config().name())
                .setAttempt(container.config().attempt())
                .build();
    }

    private static ContainerState.Kind kind(io.keelson.proto.ContainerState state) {
        return switch (state) {
            case CONTAINER_CREATED -> ContainerState.Kind.CREATED;
            case CONTAINER_RUNNING -> ContainerState.Kind.RUNNING;
            case CONTAINER_EXITED -> ContainerState.Kind.EXITED;
            case CONTAINER_UNKNOWN -> ContainerState.Kind.UNKNOWN;
            case UNRECOGNIZED ->
                throw Failure.invalid("the request asks for containers in a state that does not exist");
        };
    }

    private static io.keelson.proto.ContainerState state(ContainerState state) {
        return switch (state.kind()) {
            case CREATED -> io.keelson.proto.ContainerState.CONTAINER_CREATED;
            case RUNNING -> io.keelson.proto.ContainerState.CONTAINER_RUNNING;
            case EXITED -> io.keelson.proto.ContainerState.CONTAINER_EXITED;
            case UNKNOWN -> io.keelson.proto.ContainerState.CONTAINER_UNKNOWN;
        };
    }
}
