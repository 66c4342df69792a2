package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.VersionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done to the daemon, to monitors and to runtimes: it is told, the same request works afterwards, and nothing is left. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final Duration IMPATIENCE = Duration.ofSeconds(2);

    /** What is refused because of something that will pass. */
    private static final Set<Code> PASSING = Set.of(Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE);

    @TempDir
    static Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Node node;
    private Leftovers leftovers;
    private PodSandboxConfig pod;
    private String podId;

    @BeforeAll
    void start() throws Exception {
        Files.createDirectories(directory.resolve("keelson.d"));
        Files.writeString(directory.resolve("keelson.d/faulty.toml"), """
                [runtime.handlers.faulty]
                program = "%s"
                """.formatted(faultyRuntime()));
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    /** crun, which for the verb in one file does what is in another. */
    private Path faultyRuntime() throws Exception {
        var program = Files.writeString(directory.resolve("faulty-crun"), """
                #!/bin/sh
                verb=$(cat %1$s/verb 2>/dev/null)
                case " $* " in *" ${verb:-none} "*) . %1$s/fault;; esac
                exec /usr/bin/crun "$@"
                """.formatted(directory));
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @BeforeEach
    void makePod() {
        pod = Requests.pod(node.place(), "faults").build();
        podId = Requests.run(node.cri(), pod, "faulty");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        Files.deleteIfExists(directory.resolve("verb"));
        Requests.removeAllPods(node.cri());
        leftovers.assertNone();
    }

    @AfterAll
    void end() {
        threads.shutdownNow();
        if (node != null) {
            node.close();
        }
    }

    private static ContainerConfig shell(String name, String script) {
        return Requests.container(name, BUSYBOX, List.of("sh", "-c", script)).build();
    }

    private static ContainerConfig idle(String name) {
        return shell(name, "exec sleep 100000");
    }

    private String start(ContainerConfig container) {
        return Requests.start(node.cri(), podId, pod, container);
    }

    private void killMonitor(String container) throws Exception {
        ProcessHandle.of(NodeProcesses.monitor(node.place(), container))
                .orElseThrow()
                .destroyForcibly();
    }

    @Test
    @Tag("K2")
    void aMonitorThatIsKilledWhileItsContainerIsStoppedIsTheEndOfBoth() throws Exception {
        var container = start(shell("stubborn", "trap 'echo heard' TERM; echo ready; while :; do sleep 0.05; done"));
        var log = node.place().logs().resolve("faults/stubborn.log");
        Awaitility.await("it is ready")
                .atMost(DEADLINE)
                .until(() -> Files.readString(log).contains("ready"));
        var stop = threads.submit(() -> {
            Requests.stop(node.cri(), container, Duration.ofSeconds(50));
            return true;
        });
        Awaitility.await("it was asked to end")
                .atMost(DEADLINE)
                .until(() -> Files.readString(log).contains("heard"));

        killMonitor(container);

        assertThat(stop.get()).isTrue();
        LifeScene.assertExited(Requests.status(node.cri(), container), 255, "Error");
        assertThat(log).isNotEmptyFile();
    }

    @Test
    @Tag("K2")
    void aMonitorThatIsKilledWhileACommandRunsEndsThatWithTheContainer() throws Exception {
        var container = start(idle("commanded"));
        var command =
                threads.submit(() -> Requests.exec(node.cri(), container, "sh", "-c", "touch /begun; exec sleep 50")
                        .getExitCode());
        Awaitility.await("the command runs")
                .atMost(DEADLINE)
                .until(() -> Requests.exec(node.cri(), container, "test", "-e", "/begun")
                                .getExitCode()
                        == 0);

        killMonitor(container);

        assertThat(command.get()).isEqualTo(137);
        Awaitility.await("its end")
                .atMost(DEADLINE)
                .untilAsserted(() -> LifeScene.assertExited(Requests.status(node.cri(), container), 255, "Error"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kill -9 $$",
                "yes | head -c 60000 >&2; exit 1",
                "yes | head -c 1073741824 >&2",
                "yes; exit 0",
                "echo blah blah; exit 0",
                "exit 3"
            })
    @Tag("K4")
    void aRuntimeThatDoesNotCreateIsToldAndTheNextOneDoes(String fault) throws Exception {
        Files.writeString(directory.resolve("fault"), fault + "\n");
        Files.writeString(directory.resolve("verb"), "create");

        var refused = refusal(() -> Requests.create(node.cri(), podId, pod, idle("c")));

        assertThat(refused.getStatus().getCode()).isIn(Code.UNAVAILABLE, Code.FAILED_PRECONDITION);
        assertThat(refused.getStatus().getDescription()).contains("cannot create container", "faulty");
        assertThat(containers()).isZero();
        Files.delete(directory.resolve("verb"));
        start(idle("c"));
    }

    @Test
    @Tag("K5")
    void aDaemonThatStoodStillGoesOnAndKnowsWhatEndedMeanwhile() throws Exception {
        var container = start(idle("ends"));
        var pid = NodeProcesses.onlyChild(NodeProcesses.monitor(node.place(), container));
        signal("STOP");
        try {
            Refused.with(
                    Code.DEADLINE_EXCEEDED,
                    () -> node.cri().runtime(IMPATIENCE).version(VersionRequest.getDefaultInstance()));
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            Awaitility.await("its end").atMost(DEADLINE).until(() -> !NodeProcesses.runs(pid));
        } finally {
            signal("CONT");
        }
        Awaitility.await("the end is known")
                .atMost(DEADLINE)
                .untilAsserted(() -> LifeScene.assertExited(Requests.status(node.cri(), container), 137, "Error"));
    }

    private void signal(String name) throws Exception {
        Program.run(directory, List.of("kill", "-" + name, Long.toString(node.pid())))
                .expectSuccess();
    }

    @Test
    @Tag("K5")
    void aDaemonThatPullsEndsWhenItIsToldAndASecondOneIsRefused() throws Exception {
        var container = start(idle("stays"));
        try (var registry = new MemoryRegistry()) {
            var names = new ArrayList<String>();
            for (var i = 0; i < 20; i++) {
                names.add(registry.put("image" + i, List.of(Layer.of(new LayerTar().file("f", 0644, "" + i)))));
            }
            registry.hold("/blobs/", 0);
            for (var name : names) {
                var _ = threads.submit(() -> Requests.pull(node.cri(), name));
            }
            Awaitility.await("pulls are under way")
                    .atMost(DEADLINE)
                    .until(() -> !registry.requests("/blobs/").isEmpty());
            var second = node.startAnother();
            assertThat(second.exitCode()).isNotZero();
            assertThat(second.stdout() + second.stderr()).contains(Long.toString(node.pid()));

            // Fails by itself if this takes more than ten seconds.
            node.terminate();
            registry.letGo();
            node.restart();

            assertThat(names.stream()
                            .map(name -> Requests.pull(node.cri(), name))
                            .collect(Collectors.toSet()))
                    .hasSize(names.size());
            names.forEach(name -> Requests.removeImage(node.cri(), name));
        }
        assertThat(Requests.exec(node.cri(), container, "true").getExitCode()).isZero();
    }

    /** The kernel gives the lowest number that is free; there are none from the limit on (getrlimit(2), RLIMIT_NOFILE). */
    @Test
    @Tag("K6")
    void withoutDescriptorsRequestsAreRefusedAndWorkAfterwards() throws Exception {
        var container = start(idle("watched"));
        var refusals = 0;
        for (var more = 0; more <= 24; more += 4) {
            limitDescriptors(lowestFree() + more);
            refusals += refusals(container, "few-" + more, () -> limitDescriptors(4096));
        }
        assertThat(refusals).isPositive();
        // An undo that had no descriptors either is finished by the next daemon.
        node.kill();
        node.restart();
    }

    /** fork(2) fails in a group that has as many as it may have; root is above the limit of its user (cgroups(7), "pids"). */
    @Test
    @Tag("K6")
    void withoutThreadsRequestsAreRefusedAndWorkAfterwards() throws Exception {
        var container = start(idle("watched"));
        try (var few = FewThreads.of(node)) {
            few.forbid();
            assertThat(refusals(container, "threads-none", few::lift)).isEqualTo(2);
            // Some are enough for a part of a request, or for all of it.
            for (var more = 0; more <= 12; more += 3) {
                few.limit(more);
                refusals(container, "threads-" + more, few::lift);
            }
        }
        // An undo that had no threads either is finished by the next daemon.
        node.kill();
        node.restart();
    }

    private interface Step {
        void run() throws Exception;
    }

    /** How many requests are refused; none of them is when the limit is gone, and lists answer all the time. */
    private int refusals(String container, String podName, Step lift) throws Exception {
        var another = Requests.pod(node.place(), podName).build();
        var refusals = 0;
        try {
            refusals += isRefusedInPassing(() -> Requests.run(node.cri(), another)) ? 1 : 0;
            refusals += isRefusedInPassing(() -> Requests.exec(node.cri(), container, "true")) ? 1 : 0;
            assertListsAnswer();
        } finally {
            lift.run();
        }
        Requests.removePod(node.cri(), Requests.run(node.cri(), another));
        assertThat(Requests.exec(node.cri(), container, "true").getExitCode()).isZero();
        return refusals;
    }

    private String logged() {
        try {
            return node.log();
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    private int lowestFree() throws Exception {
        var used = NodeProcesses.descriptors(node.pid()).stream()
                .map(each -> Integer.valueOf(each.substring(0, each.indexOf(' '))))
                .collect(Collectors.toSet());
        var lowest = 0;
        while (used.contains(lowest)) {
            lowest++;
        }
        return lowest;
    }

    private void limitDescriptors(int limit) throws Exception {
        Program.run(directory, List.of("prlimit", "--pid=" + node.pid(), "--nofile=" + limit + ":"))
                .expectSuccess();
    }

    private boolean isRefusedInPassing(Runnable call) {
        try {
            call.run();
            return false;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode())
                    .as(() -> e.getMessage() + "\n" + logged())
                    .isIn(PASSING);
            return true;
        }
    }

    private void assertListsAnswer() {
        var runtime = node.cri().runtime(DEADLINE);
        assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsCount())
                .isPositive();
        assertThat(containers()).isPositive();
        assertThat(node.cri()
                        .images(DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isPositive();
    }

    private int containers() {
        return node.cri()
                .runtime(DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersCount();
    }

    private static StatusRuntimeException refusal(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            return e;
        }
        throw new AssertionError("nothing was refused");
    }
}
