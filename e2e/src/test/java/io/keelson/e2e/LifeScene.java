package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One pod for scenarios of what containers do in their lives, on a node that all of these share, and those of streams with them. Its
 * end removes the pod, and fails if something is left.
 */
final class LifeScene implements AutoCloseable {
    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    static final String STOPPED_BY_USR2 = "registry.k8s.io/" + TestImages.STOPPED_BY_USR2;
    static final Duration PATIENCE = Duration.ofSeconds(30);

    static final JsonMapper JSON = JsonMapper.shared();
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final AtomicInteger numbers = new AtomicInteger();

    private final Leftovers leftovers;
    private final PodSandboxConfig pod;
    private final String podId;

    /** Starts on first use, and ends with the tests. */
    private static final class Holder {
        private static final Node NODE = startNode();

        private static Node startNode() {
            try {
                var directory = Files.createTempDirectory("keelson-life");
                var node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(node, directory), "life-end"));
                Requests.prepare(node, BUSYBOX, STOPPED_BY_USR2);
                return node;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static void end(Node node, Path directory) {
            node.close();
            try {
                TemporaryTree.remove(directory);
            } catch (IOException e) {
                System.err.println("cannot remove " + directory + ": " + e);
            }
        }
    }

    private LifeScene(PodSandboxConfig pod, String handler) throws IOException, InterruptedException {
        this.pod = pod;
        leftovers = Leftovers.before(node().place(), file -> ImageLayout.isPartOf(file) || isOfAnotherScene(file));
        podId = Requests.run(cri(), pod, handler);
    }

    static Node node() {
        return Holder.NODE;
    }

    static Cri cri() {
        return node().cri();
    }

    static LifeScene by(String handler) throws IOException, InterruptedException {
        return new LifeScene(nextPod().build(), handler);
    }

    /** With the host's processes in sight, for containers that ask for them as well. */
    static LifeScene withHostPids() throws IOException, InterruptedException {
        return new LifeScene(withPids(nextPod(), NamespaceMode.NODE).build(), "");
    }

    private static PodSandboxConfig.Builder withPids(PodSandboxConfig.Builder pod, NamespaceMode mode) {
        pod.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(mode));
        return pod;
    }

    /** Below a cgroup of its own, so that what is done to that concerns no other pod. */
    static LifeScene inItsOwnCgroup(NamespaceMode pids) throws IOException, InterruptedException {
        var pod = withPids(nextPod(), pids);
        var parent = pod.getLinux().getCgroupParent() + "/" + pod.getMetadata().getName();
        pod.getLinuxBuilder().setCgroupParent(parent);
        return new LifeScene(pod.build(), "");
    }

    /** What the caller named is the caller's to remove; the runtime made it where it was missing. */
    private void removeCgroup() throws IOException {
        try (var entries = Files.list(CGROUPS)) {
            for (var hierarchy : isUnified() ? List.of(CGROUPS) : entries.toList()) {
                Files.deleteIfExists(
                        hierarchy.resolve(pod.getLinux().getCgroupParent().substring(1)));
            }
        }
    }

    private static PodSandboxConfig.Builder nextPod() {
        return Requests.pod(node().place(), "life-" + numbers.incrementAndGet());
    }

    String podId() {
        return podId;
    }

    /** The pod's directory of logs. */
    Path logs() {
        return Path.of(pod.getLogDirectory());
    }

    static ContainerConfig.Builder container(String name, String... command) {
        return Requests.container(name, BUSYBOX, List.of(command));
    }

    static ContainerConfig.Builder shell(String name, String script) {
        return container(name, "sh", "-c", script);
    }

    static ContainerConfig.Builder idle(String name) {
        return container(name, "sleep", "100000");
    }

    String create(ContainerConfig.Builder container) {
        return Requests.create(cri(), podId, pod, container.build());
    }

    String start(ContainerConfig.Builder container) {
        return Requests.start(cri(), podId, pod, container.build());
    }

    /** Starts it and waits until it has written something to its log, which scripts do when they are ready. */
    String startReady(ContainerConfig.Builder container) {
        var id = start(container);
        var log = logs().resolve(container.getLogPath());
        Awaitility.await("a word of " + container.getMetadata().getName())
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Files.exists(log) && Files.size(log) > 0);
        return id;
    }

    static ContainerStatus status(String id) {
        return Requests.status(cri(), id);
    }

    static ContainerStatus awaitExit(String id) {
        Awaitility.await("the end of " + id)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> status(id).getState() == ContainerState.CONTAINER_EXITED);
        return status(id);
    }

    static void assertExited(ContainerStatus status, int code, String reason) {
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).isEqualTo(code);
        assertThat(status.getReason()).isEqualTo(reason);
        assertThat(status.getFinishedAt()).isPositive();
    }

    static JsonNode info(String id) {
        return JSON.readTree(Requests.inspect(cri(), id).getInfoOrThrow("info"));
    }

    /** Of the container's first process. */
    static long pid(String id) {
        return info(id).at("/pid").longValue();
    }

    /** Children of a process that have ended, and that it has not waited for. */
    static long zombies(long parent) throws IOException {
        var count = 0;
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var process : processes) {
                count += isZombieOf(parent, process) ? 1 : 0;
            }
        }
        return count;
    }

    private static boolean isZombieOf(long parent, Path process) {
        try {
            var stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 3);
            return fields[0].equals("Z") && fields[1].equals(Long.toString(parent));
        } catch (IOException e) {
            // It is gone.
            return false;
        }
    }

    /** The pod's group in a hierarchy of version 1, or the one of version 2. */
    Path podCgroup(String controller) {
        var hierarchy = isUnified() ? CGROUPS : CGROUPS.resolve(controller);
        return hierarchy.resolve(pod.getLinux().getCgroupParent().substring(1));
    }

    Path cgroup(String controller, String id) {
        return podCgroup(controller).resolve(id);
    }

    /** What is noted, while this scene lasts, of the end of a container that is still there. */
    private static boolean isOfAnotherScene(String file) {
        var path = Path.of(file);
        return path.endsWith("killed")
                && Files.exists(node().place()
                        .root()
                        .resolve("containers")
                        .resolve(path.getParent().getFileName()));
    }

    static boolean isUnified() {
        return Files.exists(CGROUPS.resolve("cgroup.controllers"));
    }

    @Override
    public void close() throws IOException {
        Requests.removePod(cri(), podId);
        if (!pod.getLinux().getCgroupParent().equals(node().place().cgroupParent())) {
            removeCgroup();
        }
        try {
            leftovers.assertNone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
