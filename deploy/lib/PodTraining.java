import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.keelson.proto.*;
import java.util.concurrent.TimeUnit;

/**
 * What kubelet does all day: a pod with its network and a published port, a container in it, commands, statistics, and the end of
 * both.
 */
final class PodTraining {
    private static final int HOST_PORT = 8085;

    private static final int DEADLINE_SECONDS = 60;

    private final ManagedChannel channel;
    private final String image;

    PodTraining(ManagedChannel channel, String image) {
        this.channel = channel;
        this.image = image;
    }

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** @param meanwhile is run while the container runs */
    void run(int round, Runnable meanwhile) {
        var pod = startPod("train-" + round, HOST_PORT);
        var container = startContainer(pod, "train-" + round);
        ask(pod, container);
        meanwhile.run();
        runtime().stopContainer(
                StopContainerRequest.newBuilder().setContainerId(container).build());
        runtime().containerStatus(
                ContainerStatusRequest.newBuilder().setContainerId(container).build());
        runtime().removeContainer(
                RemoveContainerRequest.newBuilder().setContainerId(container).build());
        remove(pod);
    }

    /** Starts pods, the last of them without a container, and lets them be. */
    void leave(int count) {
        for (int i = 1; i < count; i++) {
            startContainer(startPod("left-" + i, HOST_PORT + i), "left-" + i);
        }
        startPod("left-" + count, HOST_PORT + count);
    }

    /** The lists that kubelet asks for time and again. */
    void list() {
        runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        runtime().listContainers(ListContainersRequest.getDefaultInstance());
        runtime().listContainerStats(ListContainerStatsRequest.getDefaultInstance());
        runtime().listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance());
        runtime().listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance());
    }

    /** What another daemon left. */
    void removeAll() {
        runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()
                .forEach(pod -> remove(pod.getId()));
    }

    private String startPod(String name, int port) {
        return runtime()
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod(name, port)).build())
                .getPodSandboxId();
    }

    private String startContainer(String pod, String name) {
        var container = runtime().createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setSandboxConfig(pod(name, HOST_PORT))
                        .setConfig(container())
                        .build())
                .getContainerId();
        runtime().startContainer(
                StartContainerRequest.newBuilder().setContainerId(container).build());
        return container;
    }

    private void remove(String pod) {
        runtime().stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
        runtime().removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    }

    private void ask(String pod, String container) {
        for (var verbose : new boolean[] {false, true}) {
            runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .setVerbose(verbose)
                    .build());
            runtime().containerStatus(ContainerStatusRequest.newBuilder()
                    .setContainerId(container)
                    .setVerbose(verbose)
                    .build());
        }
        runtime().execSync(ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addCmd("/" + TinyPrograms.TRUE)
                .setTimeout(10)
                .build());
        runtime().containerStats(
                ContainerStatsRequest.newBuilder().setContainerId(container).build());
        Train.attempt(() -> runtime().podSandboxStats(
                PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build()));
        Train.attempt(() -> runtime().updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(512))
                .build()));
    }

    private static PodSandboxConfig pod(String name, int port) {
        return PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder()
                        .setName(name)
                        .setNamespace("train")
                        .setUid(name))
                .setHostname("train")
                .setLogDirectory(System.getProperty("train.logs"))
                .putLabels("io.kubernetes.pod.name", name)
                .putAnnotations("kubernetes.io/config.source", "api")
                .setDnsConfig(DNSConfig.newBuilder().addServers("10.96.0.10").addSearches("svc.cluster.local"))
                .addPortMappings(PortMapping.newBuilder().setContainerPort(80).setHostPort(port))
                .setLinux(LinuxPodSandboxConfig.newBuilder()
                        .setCgroupParent(System.getProperty("train.cgroup"))
                        .setSecurityContext(LinuxSandboxSecurityContext.newBuilder()
                                .setNamespaceOptions(options())
                                .setSeccomp(SecurityProfile.getDefaultInstance())))
                .build();
    }

    private ContainerConfig container() {
        return ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName("train"))
                .setImage(ImageSpec.newBuilder().setImage(image))
                .addEnvs(KeyValue.newBuilder().setKey("KEY").setValue(ByteString.copyFromUtf8("value")))
                .putLabels("io.kubernetes.container.name", "train")
                .putAnnotations("io.kubernetes.container.restartCount", "0")
                .addMounts(Mount.newBuilder()
                        .setHostPath(System.getProperty("train.logs"))
                        .setContainerPath("/mnt"))
                .setLogPath("train.log")
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder()
                                .setCpuShares(1024)
                                .setMemoryLimitInBytes(64 << 20)
                                .setOomScoreAdj(900))
                        .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                                .setNamespaceOptions(options())
                                .setSeccomp(SecurityProfile.getDefaultInstance())
                                .addMaskedPaths("/proc/kcore")
                                .addReadonlyPaths("/proc/sys")))
                .build();
    }

    private static NamespaceOption options() {
        return NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();
    }
}
