package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;

import com.google.protobuf.Message;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.ContainerStatusRequest;
import io.keelson.proto.CreateContainerRequest;
import io.keelson.proto.CreateContainerResponse;
import io.keelson.proto.DNSConfig;
import io.keelson.proto.Device;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.KeyValue;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.PortMapping;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RemoveContainerRequest;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.RemovePodSandboxRequest;
import io.keelson.proto.ReopenContainerLogRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.RunPodSandboxResponse;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.UpdateContainerResourcesRequest;
import io.keelson.proto.UpdatePodSandboxResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A node with a pod and containers in every state, requests that name them, and what there is to be seen of all that. */
final class BadInputScene {
    /** An id that nobody has. */
    static final String NOBODY = "0123456789abcdef".repeat(4);

    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    private final Node node;
    private final PodSandboxConfig pod;
    private final int hostPort;
    final String podId;
    final String running;
    final String created;
    final String exited;
    final String stoppedPod;

    BadInputScene(Node node) throws IOException {
        this.node = node;
        hostPort = FreePorts.take(1).getFirst();
        var cri = node.cri();
        Requests.pull(cri, BUSYBOX);
        pod = Requests.pod(node.place(), "scene").build();
        podId = Requests.run(cri, pod);
        running = Requests.start(cri, podId, pod, container("running").build());
        created = Requests.create(cri, podId, pod, container("created").build());
        exited = Requests.start(cri, podId, pod, container("exited").build());
        Requests.stop(cri, exited, Duration.ZERO);
        stoppedPod = Requests.run(cri, Requests.pod(node.place(), "stopped").build());
        cri.runtime(DEADLINE)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(stoppedPod)
                        .build());
    }

    private ContainerConfig.Builder container(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "1000"));
    }

    /**
     * A request that is right but for what a test changes in it. Those that stop or remove name nobody, so that what is here stays;
     * those that have no fields of their own are empty.
     */
    Message right(Rpc rpc) {
        return switch (rpc.name()) {
            case "RunPodSandbox" ->
                RunPodSandboxRequest.newBuilder().setConfig(podConfig()).build();
            case "StopPodSandbox" ->
                StopPodSandboxRequest.newBuilder().setPodSandboxId(NOBODY).build();
            case "RemovePodSandbox" ->
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(NOBODY).build();
            case "PodSandboxStatus" ->
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(podId).build();
            case "PodSandboxStats" ->
                PodSandboxStatsRequest.newBuilder().setPodSandboxId(podId).build();
            case "UpdatePodSandboxResources" ->
                UpdatePodSandboxResourcesRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .build();
            case "PortForward" ->
                PortForwardRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .addPort(80)
                        .build();
            case "CreateContainer" ->
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(podId)
                        .setSandboxConfig(pod)
                        .setConfig(containerConfig())
                        .build();
            case "StartContainer" ->
                StartContainerRequest.newBuilder().setContainerId(NOBODY).build();
            case "StopContainer" ->
                StopContainerRequest.newBuilder().setContainerId(NOBODY).build();
            case "RemoveContainer" ->
                RemoveContainerRequest.newBuilder().setContainerId(NOBODY).build();
            case "ContainerStatus" ->
                ContainerStatusRequest.newBuilder().setContainerId(running).build();
            case "ContainerStats" ->
                ContainerStatsRequest.newBuilder().setContainerId(running).build();
            case "UpdateContainerResources" ->
                UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(running)
                        .build();
            case "ReopenContainerLog" ->
                ReopenContainerLogRequest.newBuilder().setContainerId(running).build();
            case "ExecSync" ->
                ExecSyncRequest.newBuilder()
                        .setContainerId(running)
                        .addCmd("true")
                        .setTimeout(30)
                        .build();
            case "Exec" ->
                ExecRequest.newBuilder()
                        .setContainerId(running)
                        .addCmd("true")
                        .setStdout(true)
                        .build();
            case "Attach" ->
                AttachRequest.newBuilder()
                        .setContainerId(running)
                        .setStdout(true)
                        .build();
            case "PullImage" -> PullImageRequest.newBuilder().setImage(image()).build();
            case "ImageStatus" ->
                ImageStatusRequest.newBuilder().setImage(image()).build();
            case "RemoveImage" ->
                RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage("sha256:" + NOBODY))
                        .build();
            default -> rpc.empty();
        };
    }

    private static ImageSpec image() {
        return ImageSpec.newBuilder().setImage(BUSYBOX).build();
    }

    private PodSandboxConfig podConfig() {
        return Requests.pod(node.place(), "wrong")
                .setDnsConfig(DNSConfig.newBuilder()
                        .addServers("10.0.0.10")
                        .addSearches("svc.example")
                        .addOptions("ndots:5"))
                .addPortMappings(PortMapping.newBuilder().setContainerPort(80).setHostPort(hostPort))
                .build();
    }

    private ContainerConfig containerConfig() {
        return container("wrong")
                .addEnvs(KeyValue.newBuilder().setKey("NAME"))
                .addMounts(Mount.newBuilder()
                        .setContainerPath("/data")
                        .setHostPath(node.place().logs().toString()))
                .addDevices(Device.newBuilder()
                        .setContainerPath("/dev/nothing")
                        .setHostPath("/dev/null")
                        .setPermissions("rwm"))
                .setWorkingDir("/tmp")
                .build();
    }

    /** Takes back what an accepted request made. */
    void undo(Rpc.Answer answer) {
        for (var message : answer.messages()) {
            switch (message) {
                case RunPodSandboxResponse made -> Requests.removePod(node.cri(), made.getPodSandboxId());
                case CreateContainerResponse made -> Requests.remove(node.cri(), made.getContainerId());
                default -> {}
            }
        }
    }

    /** What lists tell of pods, containers and images, their states too. */
    Set<String> lists() {
        var seen = new TreeSet<String>();
        var runtime = node.cri().runtime(DEADLINE);
        runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()
                .forEach(each -> seen.add(each.toString()));
        runtime.listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .forEach(each -> seen.add(each.toString()));
        node.cri()
                .images(DEADLINE)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .forEach(each -> seen.add(each.toString()));
        return seen;
    }

    /** The names of all files of the daemon; what is in root file systems is not its, and its history tells of what it refused. */
    Set<String> files() throws IOException {
        var seen = new TreeSet<String>();
        var history = node.place().root().resolve("history").toString();
        for (var tree : List.of(node.place().root(), node.place().state())) {
            collect(tree, seen);
        }
        seen.removeIf(file -> file.startsWith(history));
        return seen;
    }

    private static void collect(Path directory, Set<String> seen) throws IOException {
        try (var entries = Files.list(directory)) {
            for (var entry : entries.toList()) {
                seen.add(entry.toString());
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)
                        && !Files.getFileStore(entry).type().equals("overlay")
                        && !Files.getFileStore(entry).type().equals("erofs")) {
                    collect(entry, seen);
                }
            }
        }
    }
}
