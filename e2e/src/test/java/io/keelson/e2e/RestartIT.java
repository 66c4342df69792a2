package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PortMapping;
import io.keelson.proto.Protocol;
import io.keelson.proto.StatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The daemon ends, by force or as it is asked to, and comes back; containers go on, and end, without it. */
class RestartIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String HTTPD = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration IMPATIENCE = Duration.ofMillis(300);
    private static final long MEMORY_LIMIT = 32 << 20;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** What a container does while the daemon is away, and what must be known of it afterwards. */
    private enum Fate {
        RUNS("", 0, ""),
        ENDS_WELL("exit 0", 0, "Completed"),
        FAILS("exit 7", 7, "Error"),
        IS_KILLED("exec sleep 1000", 137, "Error"),
        NEEDS_TOO_MUCH("exec tail /dev/zero", 137, "OOMKilled");

        final String command;
        final int exitCode;
        final String reason;

        Fate(String command, int exitCode, String reason) {
            this.command = command;
            this.exitCode = exitCode;
            this.reason = reason;
        }
    }

    @TempDir
    Path directory;

    private Node node;
    private Leftovers leftovers;
    private final Map<String, Fate> fates = new LinkedHashMap<>();

    @BeforeEach
    void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX, HTTPD);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterEach
    void end() {
        node.close();
    }

    @Test
    @Tag("trap-8")
    @Tag("exits")
    void tenContainersOutliveAKilledDaemonAndWhatEndedMeanwhileIsTold() throws Exception {
        var port = FreePorts.take();
        var crun = pod("with-crun").build();
        var runc = pod("with-runc").build();
        var web = pod("web")
                .addPortMappings(PortMapping.newBuilder()
                        .setProtocol(Protocol.TCP)
                        .setContainerPort(80)
                        .setHostPort(port))
                .build();
        var pods = List.of(
                Requests.run(node.cri(), crun, "crun"),
                Requests.run(node.cri(), runc, "runc"),
                Requests.run(node.cri(), web));
        for (var fate : Fate.values()) {
            start(pods.get(0), crun, fate);
        }
        for (var fate : List.of(Fate.RUNS, Fate.FAILS, Fate.IS_KILLED, Fate.NEEDS_TOO_MUCH)) {
            start(pods.get(1), runc, fate);
        }
        var server = Requests.start(
                node.cri(),
                pods.get(2),
                web,
                Requests.container("server", HTTPD, List.of()).build());
        fates.put(server, Fate.RUNS);
        assertThat(fates).hasSize(10);
        var pids = pids();
        var logged = Files.size(log("with-crun", Fate.RUNS));

        node.kill();
        var killed = Instant.now();
        Files.createFile(directory.resolve("go"));
        endThose(pids);
        var allEnded = Instant.now();
        node.restart();

        assertThat(new HashSet<>(ids(node.cri()))).isEqualTo(fates.keySet());
        for (var container : fates.entrySet()) {
            assertFate(container.getKey(), container.getValue(), killed, allEnded);
        }
        for (var pod : pods) {
            assertThat(Requests.podStatus(node.cri(), pod).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        }
        Awaitility.await("the log goes on")
                .atMost(PATIENCE)
                .until(() -> Files.size(log("with-crun", Fate.RUNS)) > logged);
        Pages.assertServed("http://127.0.0.1:" + port + "/", "httpd answers\n");
        assertThat(Requests.exec(node.cri(), server, "hostname").getStdout().toStringUtf8())
                .isEqualTo("web\n");

        pods.forEach(pod -> Requests.removePod(node.cri(), pod));
        assertThat(ids(node.cri())).isEmpty();
        leftovers.assertNone();
    }

    /** It gives way while a daemon starts (decision 0054), and no longer. */
    @Test
    void theOptimizingCompilerTakesPartOnceADaemonHasStarted() {
        var tasks = Path.of("/proc", Long.toString(node.pid()), "task");
        Awaitility.await("the compiler's turn").atMost(PATIENCE).untilAsserted(() -> {
            try (var threads = Files.list(tasks)) {
                assertThat(threads.filter(each -> isNamed(each, "C2 ")).map(RestartIT::nice))
                        .isNotEmpty()
                        .containsOnly(nice(tasks.getParent()));
            }
        });
    }

    @Test
    void aDaemonThatIsAskedToEndLeavesContainersRunning() throws Exception {
        var pod = pod("stays").build();
        var podId = Requests.run(node.cri(), pod);
        start(podId, pod, Fate.RUNS);
        var id = fates.keySet().iterator().next();
        var pid = pids().get(id);

        // Fails by itself if this takes more than ten seconds.
        node.terminate();
        assertThat(ProcessHandle.of(pid)).isPresent();
        node.restart();

        assertThat(pids()).containsEntry(id, pid);
        assertThat(Requests.exec(node.cri(), id, "echo", "here").getStdout().toStringUtf8())
                .isEqualTo("here\n");
        Requests.stop(node.cri(), id, Duration.ZERO);
        assertThat(Requests.status(node.cri(), id).getExitCode()).isEqualTo(137);
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    @Test
    @Tag("trap-3")
    @Tag("K1")
    void aPodThatWasBeingMadeIsMadeByTheSameRequestAfterwards() throws Exception {
        var pod = pod("half").build();
        var plugin = FaultyPlugin.install(node.place());
        plugin.set(FaultyPlugin.Mode.HANG);
        Thread.ofVirtual().start(() -> {
            try {
                Requests.run(node.cri(), pod);
            } catch (RuntimeException e) {
                // The daemon is killed meanwhile.
            }
        });
        Awaitility.await("the plugin runs").atMost(PATIENCE).until(plugin::isCalled);

        node.kill();
        plugin.set(FaultyPlugin.Mode.WAIT_TO_DELETE);
        // It has told its version, and now takes back what was begun.
        node.beginRestart();
        Refused.with(
                Code.DEADLINE_EXCEEDED,
                () -> node.cri().runtime(IMPATIENCE).status(StatusRequest.getDefaultInstance()));
        Refused.with(
                Code.DEADLINE_EXCEEDED,
                () -> node.cri().runtime(IMPATIENCE).listPodSandbox(ListPodSandboxRequest.getDefaultInstance()));
        plugin.set(FaultyPlugin.Mode.WORK);

        var id = Requests.run(node.cri(), pod);
        assertThat(node.cri()
                        .runtime(Requests.DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .singleElement()
                .matches(item -> item.getId().equals(id) && item.getState() == PodSandboxState.SANDBOX_READY);
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    private PodSandboxConfig.Builder pod(String name) {
        return Requests.pod(node.place(), name);
    }

    /** It writes to its log until the file "go" is there, and then does what the fate says. */
    private void start(String podId, PodSandboxConfig pod, Fate fate) throws IOException {
        Files.createDirectories(Path.of(pod.getLogDirectory()));
        var command = fate == Fate.RUNS
                ? "while true; do echo line; sleep 0.1; done"
                : "until [ -e /host/go ]; do sleep 0.05; done; " + fate.command;
        var resources = LinuxContainerResources.newBuilder();
        if (fate == Fate.NEEDS_TOO_MUCH) {
            resources.setMemoryLimitInBytes(MEMORY_LIMIT);
        }
        ContainerConfig config = Requests.container(name(fate), BUSYBOX, List.of("sh", "-c", command))
                .addMounts(Mount.newBuilder()
                        .setHostPath(directory.toString())
                        .setContainerPath("/host")
                        .setReadonly(true))
                .setLinux(LinuxContainerConfig.newBuilder().setResources(resources))
                .build();
        fates.put(Requests.start(node.cri(), podId, pod, config), fate);
    }

    private static boolean isNamed(Path thread, String prefix) {
        return text(thread, "comm").startsWith(prefix);
    }

    /** proc_pid_stat(5), the 19th field. */
    private static String nice(Path process) {
        return text(process, "stat").replaceFirst("(?s).*\\) ", "").split(" ", -1)[16];
    }

    /** Empty once there is no such thread. */
    private static String text(Path process, String file) {
        try {
            return Files.readString(process.resolve(file));
        } catch (IOException e) {
            return "";
        }
    }

    private static String name(Fate fate) {
        return fate.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Path log(String pod, Fate fate) {
        return node.place().logs().resolve(pod).resolve(name(fate) + ".log");
    }

    private Map<String, Long> pids() {
        var pids = new LinkedHashMap<String, Long>();
        for (var id : fates.keySet()) {
            var info = Requests.inspect(node.cri(), id).getInfoOrThrow("info");
            pids.put(id, JSON.readTree(info).at("/pid").longValue());
        }
        return pids;
    }

    /** Kills those that are to be killed, and waits for all that are to end. */
    private void endThose(Map<String, Long> pids) {
        var awaited = new ArrayList<Long>();
        fates.forEach((id, fate) -> {
            var pid = pids.get(id);
            if (fate != Fate.RUNS) {
                awaited.add(pid);
            }
            if (fate == Fate.IS_KILLED) {
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            }
        });
        Awaitility.await("they end without the daemon")
                .atMost(PATIENCE)
                .until(() -> awaited.stream().noneMatch(NodeProcesses::runs));
    }

    private void assertFate(String id, Fate fate, Instant killed, Instant allEnded) {
        var status = Requests.status(node.cri(), id);
        if (fate == Fate.RUNS) {
            assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            return;
        }
        assertThat(status.getState()).as(fate.name()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).as(fate.name()).isEqualTo(fate.exitCode);
        assertThat(status.getReason()).as(fate.name()).isEqualTo(fate.reason);
        // The clock of file systems is up to a tick behind; the monitor writes a moment after the end.
        assertThat(time(status.getFinishedAt()))
                .as(fate.name())
                .isBetween(killed.minusMillis(50), allEnded.plusSeconds(2));
        assertThat(status.getStartedAt()).isBetween(status.getCreatedAt(), status.getFinishedAt());
    }

    private static Instant time(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    private static List<String> ids(Cri cri) {
        return cri
                .runtime(Requests.DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .map(Container::getId)
                .toList();
    }
}
