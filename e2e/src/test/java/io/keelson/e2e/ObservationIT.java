package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.ContainerFilter;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsFilter;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.ListPodSandboxStatsRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PodSandboxStats;
import io.keelson.proto.PodSandboxStatsFilter;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PodSandboxStatusRequest;
import io.keelson.proto.PodSandboxStatusResponse;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StopPodSandboxRequest;
import io.keelson.proto.StreamContainerStatsRequest;
import io.keelson.proto.StreamContainersRequest;
import io.keelson.proto.StreamImagesRequest;
import io.keelson.proto.StreamPodSandboxStatsRequest;
import io.keelson.proto.StreamPodSandboxesRequest;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What can be seen of pods and containers: their events, what they use, and their details. */
class ObservationIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    static Path directory;

    private static Node node;
    private static Path metrics;
    private static Leftovers leftovers;

    @BeforeAll
    static void start() throws Exception {
        metrics = directory.resolve("m.sock");
        Files.writeString(
                Files.createDirectories(directory.resolve("keelson.d")).resolve("10-inspect.toml"),
                """
                [server]
                inspect_socket = "%s"
                [runtime]
                container_group_prefix = "crio"
                """.formatted(directory.resolve("crio/crio.sock")));
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).configured("""
                        [metrics]
                        listen = "unix:%s"
                        """.formatted(metrics)));
        Requests.prepare(node, BUSYBOX);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void everySubscriberHearsOfAllThatHappensToAPodAndItsContainers() throws Exception {
        try (var one = Subscriber.of(node.cri());
                var two = Subscriber.of(node.cri())) {
            var pod = Requests.pod(node.place(), "events").build();
            var id = Requests.run(node.cri(), pod);
            var ends = Requests.start(node.cri(), id, pod, container("ends", "sh", "-c", "exit 3"));
            one.await(ends, ContainerEventType.CONTAINER_STOPPED_EVENT);
            var stays = Requests.start(node.cri(), id, pod, container("stays", "sleep", "1000"));
            Requests.remove(node.cri(), ends);
            Requests.removePod(node.cri(), id);

            var heard = one.await(id, ContainerEventType.CONTAINER_DELETED_EVENT);
            assertThat(two.await(id, ContainerEventType.CONTAINER_DELETED_EVENT))
                    .isEqualTo(heard);
            assertThat(heard).isSortedAccordingTo(Comparator.comparingLong(ContainerEventResponse::getCreatedAt));
            assertThat(types(heard, id)).containsExactly(created(), started(), stopped(), deleted());
            assertThat(types(heard, ends)).containsExactly(created(), started(), stopped(), deleted());
            assertThat(types(heard, stays)).containsExactly(created(), started(), stopped(), deleted());
            // kubelet takes the pod's uid from here, also when the pod has gone.
            assertThat(heard)
                    .allSatisfy(event -> assertThat(
                                    event.getPodSandboxStatus().getMetadata().getUid())
                            .isEqualTo("events-uid"));

            var end = event(heard, ends, stopped());
            assertThat(end.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
            assertThat(status(end, ends).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
            assertThat(status(end, ends).getExitCode()).isEqualTo(3);
            var removal = event(heard, ends, deleted());
            assertThat(removal.getContainersStatusesList())
                    .extracting(ContainerStatus::getId)
                    .containsExactly(stays);
            assertThat(event(heard, id, stopped()).getPodSandboxStatus().getState())
                    .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        }
        leftovers.assertNone();
    }

    @Test
    void theCommandTellsOfEventsInTheirOrder() throws Exception {
        try (var lines = StreamClient.start(directory, node.commandLine("events"), Redirect.PIPE);
                var objects = StreamClient.start(directory, node.commandLine("events", "--json"), Redirect.PIPE)) {
            // Neither says when it listens.
            Awaitility.await("both to listen").atMost(DEADLINE).until(() -> {
                withPod("before", (_, _) -> {});
                return Files.size(lines.stdoutFile()) > 0 && Files.size(objects.stdoutFile()) > 0;
            });
            var pod = Requests.pod(node.place(), "told").build();
            var id = Requests.run(node.cri(), pod);
            var container = Requests.start(node.cri(), id, pod, container("c", "sh", "-c", "exit 3"));
            lines.awaitStdout("stopped  container  " + container.substring(0, 12));
            Requests.remove(node.cri(), container);
            Requests.removePod(node.cri(), id);

            var plain = lines.awaitStdout("deleted  pod        " + id.substring(0, 12));
            assertThat(plain.lines().filter(line -> line.contains("  pod        " + id.substring(0, 12))))
                    .extracting(line -> line.split(" +", 3)[1])
                    .containsExactly("created", "started", "stopped", "deleted");
            assertThat(plain.lines().filter(line -> line.contains(container.substring(0, 12))))
                    .extracting(line -> line.split(" +", 3)[1])
                    .containsExactly("created", "started", "stopped", "deleted");
            assertThat(plain).contains("/told c: exit code 3, Error\n").doesNotContain("\u001b");

            var told = objects.awaitStdout("\"what\":\"deleted\",\"kind\":\"pod\",\"id\":\"" + id)
                    .lines()
                    .map(JSON::readTree)
                    .toList();
            assertThat(whats(told, "id", id)).containsExactly("created", "started", "stopped", "deleted");
            assertThat(whats(told, "id", container)).containsExactly("created", "started", "stopped", "deleted");
            assertThat(whats(told, "detail", "exit code 3, Error")).contains("stopped");
        }
        leftovers.assertNone();
    }

    /** What happened, of those of which this is said. */
    private static List<String> whats(List<JsonNode> told, String field, String value) {
        return told.stream()
                .filter(event -> event.get(field).stringValue().equals(value))
                .map(event -> event.get("what").stringValue())
                .toList();
    }

    @Test
    void keysSortWhatTopShowsAndTheTerminalIsAsBeforeAfterwards() throws Exception {
        withPod("shown", (_, _) -> {
            var settings = List.of(directory.resolve("tty-0"), directory.resolve("tty-1"), directory.resolve("tty-2"));
            // The shell outlives the signal that the second one is ended by, and whoever runs tests may ignore it.
            var script = "trap : INT; stty cols 150 rows 40; stty -g >%s; %s; stty -g >%s; %s; stty -g >%s; echo over"
                    .formatted(
                            settings.get(0),
                            String.join(" ", node.commandLine("top")),
                            settings.get(1),
                            String.join(" ", node.commandLine("top", "--sort=memory")),
                            settings.get(2));
            try (var terminal = StreamClient.start(
                    directory,
                    List.of(
                            "env",
                            "--default-signal=INT",
                            "TERM=xterm",
                            "script",
                            "--quiet",
                            "--command",
                            script,
                            "/dev/null"),
                    Redirect.PIPE)) {
                terminal.awaitStdout("sorted by cpu: c cpu, ");
                assertThat(terminal.awaitStdout("/shown")).contains("POD", "PROCESSES");
                terminal.type("n");
                terminal.awaitStdout("sorted by name: ");
                terminal.type("r");
                terminal.awaitStdout("sorted by name, reversed: ");
                terminal.type("q");
                terminal.awaitStdout("sorted by memory: ");
                terminal.type("\u0003");
                terminal.awaitStdout("over");
            }
            assertThat(settings).extracting(Files::readString).containsOnly(Files.readString(settings.getFirst()));
        });
    }

    @Test
    void thePodsStatusIsOneSnapshotWithTheTimeAtWhichItWasTrue() throws Exception {
        withPod("snapshot", (id, pod) -> {
            try (var subscriber = Subscriber.of(node.cri())) {
                var container = Requests.start(node.cri(), id, pod, container("c", "sleep", "1000"));
                var event = event(subscriber.await(container, started()), container, started());
                var answer = podStatus(id, false);

                assertThat(answer.getTimestamp()).isGreaterThan(event.getCreatedAt());
                assertThat(answer.getContainersStatusesList()).containsExactly(Requests.status(node.cri(), container));
                assertThat(answer.getInfoMap()).isEmpty();
            }
        });
    }

    @Test
    void prometheusIsToldWhatTheDaemonDoes() throws Exception {
        withPod("metrics", (id, pod) -> {
            var ended = Requests.start(node.cri(), id, pod, container("ended", "true"));
            Awaitility.await("the end of a container")
                    .until(() -> Requests.status(node.cri(), ended).getState() == ContainerState.CONTAINER_EXITED);

            assertThat(page("/healthz")).startsWith("HTTP/1.1 200").endsWith("ok\n");
            assertThat(page("/readyz")).startsWith("HTTP/1.1 200").endsWith("ok\n");
            assertThat(page("/none")).startsWith("HTTP/1.1 404");
            Awaitility.await("the end to be counted")
                    .until(() -> page("/metrics").matches("(?s).*_exits_total\\{reason=\"Completed\"} [1-9].*"));
            assertThat(page("/metrics"))
                    .contains("keelson_pods{state=\"ready\"} 1.0", "keelson_containers{state=\"exited\"} 1.0")
                    .containsPattern("keelson_pod_start_step_seconds_count\\{step=\"total\"} [1-9]")
                    .containsPattern("keelson_grpc_calls_seconds_count\\{code=\"OK\",method=\"RunPodSandbox\"} [1-9]")
                    .containsPattern("keelson_image_disk_usage_bytes [1-9]")
                    .containsPattern(
                            "keelson_cni_calls_seconds_count\\{command=\"ADD\",outcome=\"ok\",plugin=.*} [1-9]")
                    .containsPattern("keelson_runtime_calls_seconds_count\\{outcome=\"ok\",.*,verb=\"create\"} [1-9]")
                    .containsPattern("keelson_runtime_calls_seconds_count\\{outcome=\"ok\",.*,verb=\"start\"} [1-9]")
                    .containsPattern("keelson_registry_requests_seconds_count\\{method=\"GET\",outcome=\"ok\"} [1-9]")
                    .containsPattern("keelson_image_pulls_seconds_count\\{outcome=\"ok\"} [1-9]")
                    .containsPattern("keelson_image_layers_size_bytes_total\\{origin=\"fetched\"} [1-9]")
                    .contains("keelson_queue_length{queue=\"layers\"} 0.0", "keelson_monitors_lost_total 0.0");
            MetricsText.of(page("/metrics")).assertPlain();
        });
    }

    @Test
    void explainSaysHowAPodCameToBeAndWhyItEndedAlsoWhenItIsGone() throws Exception {
        var pod = Requests.pod(node.place(), "explained").build();
        var id = Requests.run(node.cri(), pod);
        var failing =
                Requests.start(node.cri(), id, pod, container("failing", "sh", "-c", "echo no such luck; exit 139"));
        Awaitility.await("the end of a container")
                .until(() -> Requests.status(node.cri(), failing).getState() == ContainerState.CONTAINER_EXITED);
        var name = pod.getMetadata().getNamespace() + "/explained";

        var living = node.command("explain", "pod", name).expectSuccess();
        assertThat(living)
                .contains("pod " + name + " (" + id.substring(0, 12) + ")", "READY")
                .containsPattern("(?m)^namespaces\\* +\\d")
                .containsPattern("(?m)^  cni/\\S+ +\\d")
                .containsPattern("(?m)^cni\\* +\\d")
                .containsPattern("(?m)^failing: create\\* +\\d")
                .containsPattern("(?m)^failing: start\\* +\\d")
                .containsPattern("(?m)^critical path: .*cni [\\d.]+ ms.*failing: start [\\d.]+ ms")
                .contains("went wrong last: container failing", "ended with 139, Error", "no such luck")
                .contains("what would help: the program itself is broken")
                .doesNotContain("\u001b");
        assertThat(node.command("explain", "container", failing.substring(0, 10))
                        .expectSuccess())
                .containsPattern("(?m)^/process/args/0 +sh +CRI request$")
                .containsPattern("(?m)^/process/env/0 +PATH=\\S+ +(image|Keelson)$")
                .containsPattern("(?m)^/mounts/\\d+ .*/etc/hosts.* +Keelson$");
        assertThat(node.command("explain", "image", BUSYBOX).expectSuccess()).contains("critical path:");

        var nameless = container("nameless", "true").toBuilder();
        nameless.getLinuxBuilder().getSecurityContextBuilder().setRunAsUsername("nobody-knows");
        Refused.with(
                Code.INVALID_ARGUMENT, () -> Requests.create(node.cri(), id, pod, nameless.build()), "nobody-knows");
        var broken = Requests.pod(node.place(), "broken");
        broken.getLinuxBuilder().putSysctls("kernel.shm_rmid_forced", "7");
        Refused.with(Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), broken.build()), "kernel.shm_rmid_forced");
        Requests.remove(node.cri(), failing);
        Requests.removePod(node.cri(), id);
        var kept = node.place().root().resolve("history").resolve(id + ".json");
        Awaitility.await("what a thread of the daemon writes").until(() -> Files.exists(kept));
        node.kill();
        node.restart();
        assertThat(node.command("explain", "pod", id.substring(0, 12)).expectSuccess())
                .contains("pod " + name, "failing: start*")
                .contains("went wrong last: cannot create container \"nameless\"", "nobody-knows")
                .contains("what would help: the request itself has to change");
        assertThat(node.command("explain", "pod", pod.getMetadata().getNamespace() + "/broken")
                        .expectSuccess())
                .containsPattern("(?m)^record\\* +\\d")
                .contains("NOT_READY", "went wrong last:", "kernel.shm_rmid_forced");
        assertThat(node.command("explain", "container", failing).expectSuccess())
                .contains("ended with 139", "no such luck", "its configuration went when it was removed");
        assertThat(node.command("explain", "pod", "nobody").stderr())
                .isEqualTo("keelson: there is no pod nobody, and nothing is kept of one; try: crictl pods\n");
    }

    private static String page(String path) throws IOException {
        return Pages.overSocket(metrics, path);
    }

    @Test
    void cadvisorFindsContainersAndReadsTheirNumbers() throws Exception {
        withPod("found", (id, pod) -> {
            var asked = Requests.container("seen", BUSYBOX, List.of("sleep", "100000"))
                    .putLabels("io.kubernetes.container.name", "seen")
                    .putAnnotations("io.kubernetes.container.restartCount", "3");
            asked.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(48 << 20);
            var seen = Requests.start(node.cri(), id, pod, asked.build());
            Requests.start(node.cri(), id, pod, container("ended", "true"));
            var network = Requests.start(
                    node.cri(),
                    id,
                    pod,
                    Requests.container("network", BUSYBOX, List.of("sleep", "100000"))
                            .putLabels("io.kubernetes.container.name", "POD")
                            .build());
            var created = Requests.create(node.cri(), id, pod, container("waits", "sleep", "100000"));

            var found = Awaitility.await("the end of the one that ends at once")
                    .atMost(LifeScene.PATIENCE)
                    .ignoreExceptions()
                    .until(
                            () -> Cadvisor.look(directory.resolve("crio"), directory),
                            all -> all.keySet().equals(Set.of(seen, network, created)));

            var ip = Requests.podStatus(node.cri(), id).getNetwork().getIp();
            found.values().forEach(each -> assertThat(each.ip()).isEqualTo(ip));
            assertThat(found.get(seen)).satisfies(each -> {
                assertThat(each.aliases()).containsExactly("seen", seen);
                assertThat(each.image()).isEqualTo(BUSYBOX);
                assertThat(each.labels())
                        .containsEntry("io.kubernetes.container.name", "seen")
                        .containsEntry("restartcount", "3");
                assertThat(each.processes()).containsExactly(pid(seen));
                assertThat(each.memoryLimit()).isEqualTo(48 << 20);
                assertThat(each.memoryUsage()).isBetween(1L, 48L << 20);
                assertThat(each.interfaces()).isEmpty();
            });
            assertThat(found.get(network).interfaces()).containsExactly("eth0");
            assertThat(found.get(created).aliases()).containsExactly("waits", created);
        });
    }

    private static long pid(String container) {
        return JSON.readTree(Requests.inspect(node.cri(), container).getInfoOrThrow("info"))
                .at("/pid")
                .longValue();
    }

    @Test
    void containersAreToldOfAsCadvisorAsksForThem() throws Exception {
        withPod("inspect", (id, pod) -> {
            var asked = Requests.container("told", BUSYBOX, List.of("sleep", "100000"))
                    .putLabels("io.kubernetes.container.name", "told")
                    .putAnnotations("io.kubernetes.container.restartCount", "3")
                    .build();
            var container = Requests.start(node.cri(), id, pod, asked);
            try (var client = new InspectClient(directory.resolve("crio/crio.sock"))) {
                var info = JSON.readTree(client.get("/info").body());
                assertThat(info.get("storage_root").asString())
                        .isEqualTo(node.place().root().toString());
                assertThat(info.get("storage_driver").asString()).isEqualTo("keelson");

                var told = JSON.readTree(client.get("/containers/" + container).body());
                var pid = told.get("pid").asLong();
                assertThat(Files.readString(Path.of("/proc/" + pid + "/cgroup")))
                        .contains(container);
                assertThat(told.get("name").asString()).isEqualTo("told");
                assertThat(told.get("image").asString()).isEqualTo(BUSYBOX);
                assertThat(told.get("created_time").asLong())
                        .isEqualTo(Requests.status(node.cri(), container).getCreatedAt());
                assertThat(told.get("labels")
                                .get("io.kubernetes.container.name")
                                .asString())
                        .isEqualTo("told");
                assertThat(told.get("annotations")
                                .get("io.kubernetes.container.restartCount")
                                .asString())
                        .isEqualTo("3");
                assertThat(told.get("log_path").asString())
                        .isEqualTo(Requests.status(node.cri(), container).getLogPath());
                Files.writeString(Path.of("/proc/" + pid + "/root/written"), "by the container");
                assertThat(Path.of(told.get("root").asString()).resolve("written"))
                        .exists();
                var ip = Requests.podStatus(node.cri(), id).getNetwork().getIp();
                assertThat(told.get("ip_addresses").get(0).asString()).isEqualTo(ip);

                assertThat(client.get("/containers/" + id).status()).isEqualTo(404);
                assertThat(client.get("/containers/" + container.substring(1)).status())
                        .isEqualTo(404);
                assertThat(client.get("/containers/").status()).isEqualTo(404);
            }
        });
    }

    @Test
    void theDaemonTellsRootAloneOfItself() throws Exception {
        var socket = node.place().state().resolve("inspect.sock");
        for (var each : List.of(socket, directory.resolve("crio/crio.sock"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .isEqualTo("rw-------");
        }
        try (var client = new InspectClient(socket)) {
            assertThat(client.get("/config").body()).contains("[server]", "inspect_socket = \"" + directory);
            assertThat(client.get("/debug/threads").body()).contains("\"main\"", "io.keelson.server.Shutdown.await");
            assertThat(client.get("/debug/heap").body()).contains("java.lang.String");
            assertThat(client.get("/none").body()).contains("/containers/NAME", "/debug/heap");
        }
        try (var files = Files.list(node.place().state())) {
            assertThat(files.map(each -> each.getFileName().toString())).noneMatch(name -> name.startsWith("threads-"));
        }
    }

    @Test
    void nothingOfTracingIsThereWhereNobodyCollectsTraces() throws Exception {
        var caller = TraceCaller.of(node.cri(), true);
        caller.runtime().status(StatusRequest.getDefaultInstance());
        assertThat(TracesIT.classes(node)).contains("io.keelson.").doesNotContain("opentelemetry");
    }

    @Test
    void aSubscriberWhoLeavesDisturbsNobody() throws Exception {
        var gone = Subscriber.of(node.cri());
        try (var stays = Subscriber.of(node.cri())) {
            gone.close();
            withPod("leaves", (id, _) -> stays.await(id, started()));
            assertThat(stays.end()).isNull();
        }
    }

    @Test
    void aPodsStatisticsAreThoseOfItsContainersAndItsNetwork() throws Exception {
        withPod("stats", (id, pod) -> {
            var bare = stats(id);
            assertThat(bare.getLinux().getProcess().getProcessCount().getValue())
                    .isZero();
            assertThat(bare.getLinux().getContainersList()).isEmpty();

            var server = Requests.start(
                    node.cri(),
                    id,
                    pod,
                    container(
                            "server",
                            "sh",
                            "-c",
                            "mkdir /srv; dd if=/dev/zero of=/srv/file bs=1k count=512; httpd -f -p 8080 -h /srv &"
                                    + " wait"));
            var ended = Requests.start(node.cri(), id, pod, container("ended", "true"));
            Awaitility.await("the end of a container")
                    .until(() -> Requests.status(node.cri(), ended).getState() == ContainerState.CONTAINER_EXITED);
            var before = stats(id).getLinux();
            fetch(Requests.podStatus(node.cri(), id).getNetwork().getIp());
            var after = stats(id);

            var linux = after.getLinux();
            assertThat(after.getAttributes().getId()).isEqualTo(id);
            assertThat(after.getAttributes().getMetadata()).isEqualTo(pod.getMetadata());
            assertThat(after.getAttributes().getLabelsMap()).isEqualTo(pod.getLabelsMap());
            assertThat(linux.getCpu().getTimestamp()).isPositive();
            assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue())
                    .isGreaterThan(before.getCpu().getUsageCoreNanoSeconds().getValue());
            assertThat(linux.getMemory().getWorkingSetBytes().getValue()).isPositive();
            Awaitility.await("the shell and its server alone")
                    .until(() ->
                            stats(id).getLinux().getProcess().getProcessCount().getValue() == 2);
            assertThat(linux.getNetwork().getDefaultInterface().getName()).isEqualTo("eth0");
            assertThat(linux.getNetwork().getDefaultInterface().getTxBytes().getValue()
                            - before.getNetwork()
                                    .getDefaultInterface()
                                    .getTxBytes()
                                    .getValue())
                    .isBetween(512L << 10, 1L << 20);
            assertThat(linux.getNetwork().getDefaultInterface().getRxBytes().getValue())
                    .isGreaterThan(before.getNetwork()
                            .getDefaultInterface()
                            .getRxBytes()
                            .getValue());
            assertThat(linux.getNetwork().getInterfacesList()).isEmpty();
            assertThat(node.command("top", "--once", "--sort=name").expectSuccess())
                    .containsPattern("(?m)^POD +CONTAINER +ID +CPU +MEMORY +PROCESSES$")
                    .containsPattern("(?m)^e2e/stats +- +" + id.substring(0, 12) + " +\\d+\\.\\d{3} +\\S+ \\S*B +2$")
                    .containsPattern("(?m)^e2e/stats +server +" + server.substring(0, 12) + " +\\d");
            assertThat(linux.getContainersList())
                    .extracting(each -> each.getAttributes().getId())
                    .containsExactly(server);
            assertThat(linux.getContainers(0).getMemory().getWorkingSetBytes().getValue())
                    .isPositive();
        });
    }

    @Test
    void statisticsAreFilteredAndThoseOfAStoppedPodAreNone() throws Exception {
        var one = Requests.pod(node.place(), "one").putLabels("tier", "front").build();
        var two = Requests.pod(node.place(), "two").putLabels("tier", "back").build();
        var oneId = Requests.run(node.cri(), one);
        var twoId = Requests.run(node.cri(), two);

        assertThat(listed(PodSandboxStatsFilter.newBuilder())).containsExactlyInAnyOrder(oneId, twoId);
        assertThat(listed(PodSandboxStatsFilter.newBuilder().setId(oneId))).containsExactly(oneId);
        assertThat(listed(PodSandboxStatsFilter.newBuilder().setId(twoId.substring(0, 12))))
                .containsExactly(twoId);
        assertThat(listed(PodSandboxStatsFilter.newBuilder().putLabelSelector("tier", "back")))
                .containsExactly(twoId);
        assertThat(listed(PodSandboxStatsFilter.newBuilder().setId("0000"))).isEmpty();

        node.cri()
                .runtime(DEADLINE)
                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                        .setPodSandboxId(oneId)
                        .build());
        assertThat(listed(PodSandboxStatsFilter.newBuilder())).containsExactly(twoId);
        Refused.with(Code.FAILED_PRECONDITION, () -> stats(oneId), "cannot measure pod", oneId, "stopped");
        Requests.removePod(node.cri(), oneId);
        Refused.with(Code.NOT_FOUND, () -> stats(oneId), oneId);
        Requests.removePod(node.cri(), twoId);
        leftovers.assertNone();
    }

    @Test
    void aPodInTheHostsNetworkHasNoNetworkOfItsOwn() throws Exception {
        var host = Requests.pod(node.place(), "host");
        host.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        var id = Requests.run(node.cri(), host.build());

        assertThat(stats(id).getLinux().hasNetwork()).isFalse();

        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    @Test
    void streamsSayWhatListsSay() throws Exception {
        withPod("streams", (id, pod) -> {
            var container = Requests.start(node.cri(), id, pod, container("c", "sleep", "1000"));
            var runtime = node.cri().runtime(DEADLINE);

            assertThat(all(
                            runtime.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance()),
                            each -> each.getPodSandboxesList()))
                    .extracting("id")
                    .containsExactly(id);
            assertThat(all(
                            runtime.streamContainers(StreamContainersRequest.newBuilder()
                                    .setFilter(ContainerFilter.newBuilder().setPodSandboxId(id))
                                    .build()),
                            each -> each.getContainersList()))
                    .extracting("id")
                    .containsExactly(container);
            assertThat(all(
                            runtime.streamContainers(StreamContainersRequest.newBuilder()
                                    .setFilter(ContainerFilter.newBuilder().setId("0000"))
                                    .build()),
                            each -> each.getContainersList()))
                    .isEmpty();
            assertThat(all(
                            runtime.streamContainerStats(StreamContainerStatsRequest.newBuilder()
                                    .setFilter(ContainerStatsFilter.newBuilder().setId(container))
                                    .build()),
                            each -> each.getContainerStatsList()))
                    .extracting(ContainerStats::getAttributes)
                    .extracting("id")
                    .containsExactly(container);
            assertThat(all(
                            runtime.streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance()),
                            each -> each.getPodSandboxStatsList()))
                    .extracting(PodSandboxStats::getAttributes)
                    .extracting("id")
                    .containsExactly(id);
            assertThat(all(
                            node.cri().images(DEADLINE).streamImages(StreamImagesRequest.getDefaultInstance()),
                            each -> each.getImagesList()))
                    .flatExtracting("repoTagsList")
                    .contains(BUSYBOX);
        });
    }

    @Test
    void detailsAreWhatToolsLookFor() throws Exception {
        withPod("details", (id, pod) -> {
            var container = Requests.start(node.cri(), id, pod, container("c", "sleep", "1000"));

            var ofNode = JSON.readTree(node.cri()
                    .runtime(DEADLINE)
                    .status(StatusRequest.newBuilder().setVerbose(true).build())
                    .getInfoMap()
                    .get("config"));
            assertThat(Path.of(ofNode.get("stateDir").stringValue())).isDirectory();

            var ofPod = info(podStatus(id, true).getInfoMap().get("info"));
            assertThat(ofPod.get("pid").longValue()).isZero();
            assertThat(ofPod.at("/runtimeSpec/linux/namespaces").findValuesAsString("type"))
                    .contains("network", "ipc", "uts");
            for (var path : ofPod.at("/runtimeSpec/linux/namespaces").findValuesAsString("path")) {
                assertThat(Path.of(path)).exists();
            }

            var ofContainer =
                    info(Requests.inspect(node.cri(), container).getInfoMap().get("info"));
            assertThat(ofContainer.get("sandboxID").stringValue()).isEqualTo(id);
            assertThat(ofContainer.get("runtimeHandler").stringValue()).isEqualTo("crun");
            assertThat(Files.readString(
                            Path.of("/proc/" + ofContainer.get("pid").longValue() + "/cmdline")))
                    .startsWith("sleep\0");
            assertThat(ofContainer.at("/runtimeSpec/process/args/0").stringValue())
                    .isEqualTo("sleep");

            var ofImage = info(node.cri()
                    .images(DEADLINE)
                    .imageStatus(ImageStatusRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(BUSYBOX))
                            .setVerbose(true)
                            .build())
                    .getInfoMap()
                    .get("info"));
            assertThat(ofImage.at("/imageSpec/rootfs/diff_ids").size()).isPositive();
        });
    }

    /** kubelet deletes images that no container names by the very id that lists of images have. */
    @Test
    @Tag("trap-1")
    void anImageHasOneIdWhereverItIsNamed() throws Exception {
        var pulled = Requests.pull(node.cri(), BUSYBOX);
        var image = node.cri()
                .images(DEADLINE)
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(BUSYBOX))
                        .build())
                .getImage();
        assertThat(image.getId()).isEqualTo(pulled).startsWith("sha256:");
        assertThat(image.getSize()).isPositive();
        assertThat(image.getRepoTagsList()).containsExactly(BUSYBOX);
        assertThat(all(
                        node.cri().images(DEADLINE).streamImages(StreamImagesRequest.getDefaultInstance()),
                        each -> each.getImagesList()))
                .contains(image);
        withPod("image", (id, pod) -> {
            for (var name : List.of(BUSYBOX, pulled, image.getRepoDigests(0))) {
                var container = Requests.create(
                        node.cri(),
                        id,
                        pod,
                        Requests.container("c", name, List.of("true")).build());
                var status = Requests.status(node.cri(), container);
                var listed = all(
                                node.cri()
                                        .runtime(DEADLINE)
                                        .streamContainers(StreamContainersRequest.getDefaultInstance()),
                                each -> each.getContainersList())
                        .getFirst();
                assertThat(status.getImageId()).as(name).isEqualTo(pulled);
                assertThat(listed.getImageId()).as(name).isEqualTo(pulled);
                assertThat(status.getImageRef()).as(name).isEqualTo(image.getRepoDigests(0));
                assertThat(listed.getImageRef()).as(name).isEqualTo(image.getRepoDigests(0));
                assertThat(status.getImage().getImage()).as(name).isEqualTo(BUSYBOX);
                Requests.remove(node.cri(), container);
            }
        });
    }

    private interface PodAction {
        void on(String id, PodSandboxConfig pod) throws Exception;
    }

    private static void withPod(String name, PodAction action) throws Exception {
        var pod = Requests.pod(node.place(), name).putLabels("app", name).build();
        var id = Requests.run(node.cri(), pod);
        action.on(id, pod);
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    private static ContainerConfig container(String name, String... command) {
        return Requests.container(name, BUSYBOX, List.of(command)).build();
    }

    private static void fetch(String address) throws Exception {
        try (var page = URI.create("http://" + address + ":8080/file").toURL().openStream()) {
            assertThat(page.readAllBytes()).hasSize(512 << 10);
        }
    }

    private static PodSandboxStatusResponse podStatus(String id, boolean verbose) {
        return node.cri()
                .runtime(DEADLINE)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setVerbose(verbose)
                        .build());
    }

    private static PodSandboxStats stats(String id) {
        return node.cri()
                .runtime(DEADLINE)
                .podSandboxStats(
                        PodSandboxStatsRequest.newBuilder().setPodSandboxId(id).build())
                .getStats();
    }

    private static List<String> listed(PodSandboxStatsFilter.Builder filter) {
        return node
                .cri()
                .runtime(DEADLINE)
                .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder()
                        .setFilter(filter)
                        .build())
                .getStatsList()
                .stream()
                .map(each -> each.getAttributes().getId())
                .toList();
    }

    private static JsonNode info(String json) {
        return JSON.readTree(json);
    }

    private static <R, T> List<T> all(Iterator<R> messages, Function<R, List<T>> items) {
        var all = new ArrayList<T>();
        messages.forEachRemaining(message -> all.addAll(items.apply(message)));
        return all;
    }

    private static Stream<ContainerEventResponse> of(List<ContainerEventResponse> heard, String id) {
        return heard.stream().filter(event -> event.getContainerId().equals(id));
    }

    private static List<ContainerEventType> types(List<ContainerEventResponse> heard, String id) {
        return of(heard, id).map(ContainerEventResponse::getContainerEventType).toList();
    }

    private static ContainerEventResponse event(
            List<ContainerEventResponse> heard, String id, ContainerEventType type) {
        return of(heard, id)
                .filter(event -> event.getContainerEventType() == type)
                .findFirst()
                .orElseThrow();
    }

    private static ContainerStatus status(ContainerEventResponse event, String id) {
        return event.getContainersStatusesList().stream()
                .filter(status -> status.getId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static ContainerEventType created() {
        return ContainerEventType.CONTAINER_CREATED_EVENT;
    }

    private static ContainerEventType started() {
        return ContainerEventType.CONTAINER_STARTED_EVENT;
    }

    private static ContainerEventType stopped() {
        return ContainerEventType.CONTAINER_STOPPED_EVENT;
    }

    private static ContainerEventType deleted() {
        return ContainerEventType.CONTAINER_DELETED_EVENT;
    }
}
