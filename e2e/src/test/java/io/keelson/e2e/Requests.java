package io.keelson.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.NodePlace;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.LinuxPodSandboxConfig;
import io.keelson.proto.LinuxSandboxSecurityContext;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
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
}
