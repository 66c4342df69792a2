package io.keelson.e2e.bench;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Cri;
import io.keelson.proto.Container;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerFilter;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStateValue;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.ContainerStatusRequest;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.LinuxPodSandboxConfig;
import io.keelson.proto.LinuxPodSandboxStats;
import io.keelson.proto.LinuxSandboxSecurityContext;
import io.keelson.proto.ListContainerStatsRequest;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxMetricsRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxFilter;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PodSandboxStateValue;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PortMapping;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RemoveContainerRequest;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.VersionRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The requests of a benchmark, as kubelet makes them. */
final class Calls {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final int CONTAINER_PORT = 8080;

    private final Cri cri;

    Calls(Cri cri) {
        this.cri = cri;
    }

    static PodSandboxConfig pod(Subject subject, String name, int hostPort) {
        var pod = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("bench")
                        .setUid(name))
                .setHostname("bench")
                .setLogDirectory(Path.of(subject.logs(), name).toString())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(subject.cgroupParent() + "/" + name)
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
        if (hostPort > 0) {
            pod.addPortMappings(
                    PortMapping.newBuilder().setContainerPort(CONTAINER_PORT).setHostPort(hostPort));
        }
        return pod.build();
    }

    /** Some cheap requests, after which neither side is new to its work any more: a node's runtime has run for weeks. */
    void warmUp(int requests) {
        for (var i = 0; i < requests; i++) {
            cri.runtime(DEADLINE).version(VersionRequest.getDefaultInstance());
            listPods();
            listContainers();
        }
    }

    String run(PodSandboxConfig pod) {
        return cri.runtime(DEADLINE)
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
    }

    /** Of what it takes to sleep, and to end at once when asked to. */
    String create(String podId, PodSandboxConfig pod, String image) {
        return create(podId, pod, image, List.of("sleep", "1000000"));
    }

    String create(String podId, PodSandboxConfig pod, String image, List<String> command) {
        return cri.runtime(DEADLINE)
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .setSandboxConfig(pod)
                        .setConfig(ContainerConfig.newBuilder()
                                .setMetadata(ContainerMetadata.newBuilder().setName("c"))
                                .setImage(ImageSpec.newBuilder().setImage(image))
                                .addAllCommand(command)
                                .setLogPath("c.log"))
                        .build())
                .getContainerId();
    }

    void start(String id) {
        cri.runtime(DEADLINE)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    void exec(String id) {
        var code = cri.runtime(DEADLINE)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addCmd("true")
                        .setTimeout(DEADLINE.toSeconds())
                        .build())
                .getExitCode();
        if (code != 0) {
            throw new IllegalStateException("true ended with " + code);
        }
    }

    /** Without grace: what is measured is the runtime, not the container. */
    void stop(String id) {
        cri.runtime(DEADLINE)
                .stopContainer(
                        StopContainerRequest.newBuilder().setContainerId(id).build());
    }

    void remove(String id) {
        cri.runtime(DEADLINE)
                .removeContainer(
                        RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }

    void stopPod(String id) {
        cri.runtime(DEADLINE)
                .stopPodSandbox(
                        StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    void removePod(String id) {
        cri.runtime(DEADLINE)
                .removePodSandbox(
                        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    int listPods() {
        return cri.runtime(DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsCount();
    }

    int listContainers() {
        return cri.runtime(DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersCount();
    }

    /** Some of those that there are. */
    List<String> containers(int count) {
        return cri
                .runtime(DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .limit(count)
                .map(Container::getId)
                .toList();
    }

    int listStats() {
        return cri.runtime(DEADLINE)
                .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                .getStatsCount();
    }

    ContainerStats stats(String container) {
        return cri.runtime(DEADLINE)
                .containerStats(ContainerStatsRequest.newBuilder()
                        .setContainerId(container)
                        .build())
                .getStats();
    }

    private LinuxPodSandboxStats podStats(String pod) {
        return cri.runtime(DEADLINE)
                .podSandboxStats(
                        PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
                .getStats()
                .getLinux();
    }

    /** By the pod's network, as its statistics say. */
    long sentBytes(String pod) {
        return podStats(pod).getNetwork().getDefaultInterface().getTxBytes().getValue();
    }

    long processes(String pod) {
        return podStats(pod).getProcess().getProcessCount().getValue();
    }

    String address(String pod) {
        return cri.runtime(DEADLINE)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .build())
                .getStatus()
                .getNetwork()
                .getIp();
    }

    /** Those of pods that are ready. */
    int listReadyPods() {
        var ready = PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY);
        return cri.runtime(DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.newBuilder()
                        .setFilter(PodSandboxFilter.newBuilder().setState(ready))
                        .build())
                .getItemsCount();
    }

    /** Those of containers that run. */
    int listRunningContainers() {
        var running = ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING);
        return cri.runtime(DEADLINE)
                .listContainers(ListContainersRequest.newBuilder()
                        .setFilter(ContainerFilter.newBuilder().setState(running))
                        .build())
                .getContainersCount();
    }

    /** All that a node's statistics are asked for; what a runtime has not built costs it nothing. */
    void readStatistics() {
        listStats();
        cri.runtime(DEADLINE).listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance());
        try {
            cri.runtime(DEADLINE).listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
                throw e;
            }
        }
    }

    /** The runtime's own words about a pod, by their keys. */
    Map<String, String> podInfo(String id) {
        return cri.runtime(DEADLINE)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setVerbose(true)
                        .build())
                .getInfoMap();
    }

    Map<String, String> containerInfo(String id) {
        return cri.runtime(DEADLINE)
                .containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(id)
                        .setVerbose(true)
                        .build())
                .getInfoMap();
    }

    void pull(String image) {
        cri.images(DEADLINE)
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }

    /** The runtime's own words about an image, by their keys. */
    Map<String, String> imageInfo(String image) {
        return cri.images(DEADLINE)
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .setVerbose(true)
                        .build())
                .getInfoMap();
    }

    void removeImage(String image) {
        cri.images(DEADLINE)
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }
}
