package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.NodePlace;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.ContainerStatusRequest;
import io.keelson.proto.ContainerStatusResponse;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.LinuxPodSandboxConfig;
import io.keelson.proto.LinuxSandboxSecurityContext;
import io.keelson.proto.ListContainerStatsRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxStatus;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RemoveContainerRequest;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.time.Duration;
import java.util.List;

/** Requests as kubelet would make them. */
final class Requests {
    static final Duration DEADLINE = Duration.ofSeconds(60);

    private Requests() {}

    /** Skips a scenario that needs pods while the daemon answers UNIMPLEMENTED to them. */
    static void assumePods(Cri cri) {
        var built = true;
        try {
            cri.runtime(DEADLINE).listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            built = e.getStatus().getCode() != Code.UNIMPLEMENTED;
        }
        assumeTrue(built, "pods are not built yet: ListPodSandbox answers UNIMPLEMENTED");
    }

    /** A pod whose containers have PID namespaces of their own, which is what kubelet asks for. */
    static PodSandboxConfig.Builder pod(NodePlace place, String name) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("e2e")
                        .setUid(name + "-uid"))
                .setHostname(name)
                .setLogDirectory(place.logs().resolve(name).toString())
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(place.cgroupParent())
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                        NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
    }

    static ContainerConfig.Builder container(String name, String image, List<String> command) {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .addAllCommand(command)
                .setLogPath(name + ".log");
    }

    static String pull(Cri cri, String image) {
        return cri.images(DEADLINE)
                .pullImage(PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build())
                .getImageRef();
    }

    static String run(Cri cri, PodSandboxConfig pod) {
        return cri.runtime(DEADLINE)
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
    }

    /** With a runtime handler of its own. */
    static String run(Cri cri, PodSandboxConfig pod, String handler) {
        return cri.runtime(DEADLINE)
                .runPodSandbox(RunPodSandboxRequest.newBuilder()
                        .setConfig(pod)
                        .setRuntimeHandler(handler)
                        .build())
                .getPodSandboxId();
    }

    static String create(Cri cri, String podId, PodSandboxConfig pod, ContainerConfig container) {
        return cri.runtime(DEADLINE)
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .setSandboxConfig(pod)
                        .setConfig(container)
                        .build())
                .getContainerId();
    }

    /** Creates and starts. */
    static String start(Cri cri, String podId, PodSandboxConfig pod, ContainerConfig container) {
        var id = create(cri, podId, pod, container);
        cri.runtime(DEADLINE)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }

    static ContainerStatusResponse inspect(Cri cri, String containerId) {
        return cri.runtime(DEADLINE)
                .containerStatus(ContainerStatusRequest.newBuilder()
                        .setContainerId(containerId)
                        .setVerbose(true)
                        .build());
    }

    static ContainerStatus status(Cri cri, String containerId) {
        return inspect(cri, containerId).getStatus();
    }

    /** What Status says of records that could not be used. */
    static String setAside(Cri cri) {
        return cri.runtime(DEADLINE)
                .status(StatusRequest.newBuilder().setVerbose(true).build())
                .getInfoOrThrow("setAside");
    }

    static PodSandboxStatus podStatus(Cri cri, String podId) {
        return cri.runtime(DEADLINE)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build())
                .getStatus();
    }

    static ExecSyncResponse exec(Cri cri, String containerId, String... command) {
        return cri.runtime(DEADLINE)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(containerId)
                        .addAllCmd(List.of(command))
                        .setTimeout(DEADLINE.toSeconds())
                        .build());
    }

    static void stop(Cri cri, String containerId, Duration grace) {
        cri.runtime(DEADLINE)
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(containerId)
                        .setTimeout(grace.toSeconds())
                        .build());
    }

    static void remove(Cri cri, String containerId) {
        cri.runtime(DEADLINE)
                .removeContainer(RemoveContainerRequest.newBuilder()
                        .setContainerId(containerId)
                        .build());
    }

    static void stopPod(Cri cri, String podId) {
        cri.runtime(DEADLINE)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build());
    }

    /** Stops and removes the pod with all that is in it. */
    static void removePod(Cri cri, String podId) {
        stopPod(cri, podId);
        cri.runtime(DEADLINE)
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build());
    }

    static void removeAllPods(Cri cri) {
        cri.runtime(DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()
                .forEach(pod -> removePod(cri, pod.getId()));
    }

    static void removeImage(Cri cri, String image) {
        cri.images(DEADLINE)
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }

    static void removeAllImages(Cri cri) {
        cri.images(DEADLINE)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .forEach(image -> cri.images(DEADLINE)
                        .removeImage(RemoveImageRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(image.getId()))
                                .build()));
    }

    /** Pulls the images and has a pod come and go with a container of each: what stays for all later ones is there then. */
    static void prepare(Node node, String... images) {
        var pod = pod(node.place(), "first").build();
        var id = run(node.cri(), pod);
        for (var image : images) {
            pull(node.cri(), image);
            remove(
                    node.cri(),
                    create(
                            node.cri(),
                            id,
                            pod,
                            container("c", image, List.of("true")).build()));
        }
        removePod(node.cri(), id);
    }

    /** Both lists have somebody in them. */
    static void assertStatistics(RuntimeServiceBlockingStub runtime) {
        assertThat(runtime.listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                        .getStatsCount())
                .isPositive();
        assertThat(runtime.listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
                        .getStatsCount())
                .isPositive();
    }
}
