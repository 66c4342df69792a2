package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerFilter;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.Mount;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxFilter;
import io.keelson.proto.ReopenContainerLogRequest;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests for pods and containers that cannot succeed: a definite code, a message that names what and why, nothing left, and the
 * same request works when the cause is gone.
 */
class BadPodsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final String NOBODY = "0123456789abcdef".repeat(4);
    private static final int LARGEST_REQUEST_BYTES = 16 << 20;

    @TempDir
    static Path directory;

    private static Node node;
    private Leftovers leftovers;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void end() {
        node.close();
    }

    @BeforeEach
    void remember() throws Exception {
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    /** What a test leaves that failed is nothing to the next. */
    @AfterEach
    void restore() throws Exception {
        CriDaemon.writeNetwork(node.place(), "");
        Requests.removeAllPods(node.cri());
    }

    private interface PodAction {
        void on(String id, PodSandboxConfig pod) throws Exception;
    }

    private void withPod(String name, PodAction action) throws Exception {
        var pod = Requests.pod(node.place(), name).build();
        var id = Requests.run(node.cri(), pod);
        action.on(id, pod);
        Requests.removePod(node.cri(), id);
    }

    private static ContainerConfig runs(String name) {
        return Requests.container(name, BUSYBOX, List.of("sleep", "1000")).build();
    }

    @Test
    void whatIsNotThereIsNotFoundAndNothingToStopOrRemove() throws Exception {
        var cri = node.cri();
        var reopen =
                ReopenContainerLogRequest.newBuilder().setContainerId(NOBODY).build();
        Refused.with(Code.NOT_FOUND, () -> Requests.podStatus(cri, NOBODY), NOBODY);
        Refused.with(Code.NOT_FOUND, () -> Requests.status(cri, NOBODY), NOBODY);
        Refused.with(Code.NOT_FOUND, () -> Requests.exec(cri, NOBODY, "true"), NOBODY);
        Refused.with(Code.NOT_FOUND, () -> startContainer(NOBODY), NOBODY);
        Refused.with(Code.NOT_FOUND, () -> cri.runtime(DEADLINE).reopenContainerLog(reopen), NOBODY);
        Refused.with(
                Code.NOT_FOUND,
                () -> Requests.create(cri, NOBODY, PodSandboxConfig.getDefaultInstance(), runs("c")),
                NOBODY);
        Requests.stop(cri, NOBODY, Duration.ZERO);
        Requests.remove(cri, NOBODY);
        Requests.removePod(cri, NOBODY);
        assertThat(cri.runtime(DEADLINE)
                        .listContainers(ListContainersRequest.newBuilder()
                                .setFilter(ContainerFilter.newBuilder().setId(NOBODY))
                                .build())
                        .getContainersList())
                .isEmpty();
        assertThat(cri.runtime(DEADLINE)
                        .listPodSandbox(ListPodSandboxRequest.newBuilder()
                                .setFilter(PodSandboxFilter.newBuilder().setId(NOBODY))
                                .build())
                        .getItemsList())
                .isEmpty();
        leftovers.assertNone();
    }

    @Test
    void aWrongStateIsSaid() throws Exception {
        withPod("states", (id, pod) -> {
            var cri = node.cri();
            var container = Requests.create(cri, id, pod, runs("c"));
            Refused.with(Code.FAILED_PRECONDITION, () -> Requests.exec(cri, container, "true"), container, "not run");
            startContainer(container);
            Refused.with(Code.FAILED_PRECONDITION, () -> startContainer(container), container, "running");
            Requests.stop(cri, container, Duration.ZERO);
            Refused.with(Code.FAILED_PRECONDITION, () -> startContainer(container), container, "exited");
            Refused.with(Code.FAILED_PRECONDITION, () -> Requests.exec(cri, container, "true"), container, "not run");
            Requests.stop(cri, container, Duration.ZERO);
            cri.runtime(DEADLINE)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(id)
                            .build());
            Refused.with(Code.FAILED_PRECONDITION, () -> Requests.create(cri, id, pod, runs("d")), id, "not ready");
        });
        leftovers.assertNone();
    }

    @Test
    void removingWhatRunsEndsItFirst() throws Exception {
        withPod("running", (id, pod) -> {
            var container = Requests.start(node.cri(), id, pod, runs("c"));
            Requests.remove(node.cri(), container);
            Refused.with(Code.NOT_FOUND, () -> Requests.status(node.cri(), container), container);
        });
        leftovers.assertNone();
    }

    @Test
    void anUnknownHandlerIsRefused() throws Exception {
        var pod = Requests.pod(node.place(), "handler").build();
        Refused.with(Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), pod, "kata"), "kata", "handler");
        leftovers.assertNone();
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
    }

    @Test
    void anImageThatIsNotHereIsNamed() throws Exception {
        withPod("image", (id, pod) -> {
            var missing = "registry.k8s.io/nobody/has/this:1";
            Refused.with(
                    Code.NOT_FOUND,
                    () -> Requests.create(
                            node.cri(),
                            id,
                            pod,
                            Requests.container("c", missing, List.of("true")).build()),
                    missing);
            Requests.create(node.cri(), id, pod, runs("c"));
        });
        leftovers.assertNone();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aCommandThatDoesNotExistIsToldInTheRuntimesWords(String handler) throws Exception {
        var pod = Requests.pod(node.place(), "command").build();
        var id = Requests.run(node.cri(), pod, handler);
        var container =
                Requests.container("c", BUSYBOX, List.of("no-such-program")).build();
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> Requests.start(node.cri(), id, pod, container),
                "no-such-program",
                "not found");
        assertThat(containers()).isEmpty();
        Requests.start(node.cri(), id, pod, runs("c"));
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    @ParameterizedTest
    @CsvSource({
        "FAIL, UNAVAILABLE, no address for you",
        "BABBLE, UNAVAILABLE, faulty",
        "HANG, UNAVAILABLE, no answer within 5 s"
    })
    @Tag("K4")
    void aNetworkPluginThatDoesNotDoItsWork(FaultyPlugin.Mode mode, Code code, String word) throws Exception {
        var plugin = FaultyPlugin.install(node.place());
        plugin.set(mode);
        var pod = Requests.pod(node.place(), "network").build();

        Refused.with(code, () -> Requests.run(node.cri(), pod), word, "network");

        assertThat(plugin.isCalled()).isTrue();
        leftovers.assertNone();
        plugin.set(FaultyPlugin.Mode.WORK);
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
        leftovers.assertNone();
    }

    @Test
    @Tag("K4")
    @Tag("K1")
    void aStartThatFailsAndCannotBeUndoneIsUndoneLaterByItselfOrAfterAKillByTheNextDaemon() throws Exception {
        var plugin = FaultyPlugin.install(node.place());
        var pod = Requests.pod(node.place(), "undo").build();

        failWithItsUndo(plugin, pod);
        plugin.set(FaultyPlugin.Mode.WORK);
        Awaitility.await("nothing is left, though nobody asks again")
                .atMost(LifeScene.PATIENCE)
                .untilAsserted(leftovers::assertNone);

        failWithItsUndo(plugin, pod);
        node.kill();
        plugin.set(FaultyPlugin.Mode.WORK);
        node.restart();
        leftovers.assertNone();
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
        leftovers.assertNone();
    }

    /** Until it was tried again, and failed again. */
    private static void failWithItsUndo(FaultyPlugin plugin, PodSandboxConfig pod) throws Exception {
        plugin.set(FaultyPlugin.Mode.FAIL_BOTH);
        var before = plugin.calls("DEL");
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(node.cri(), pod), "no address for you", "network");
        var undone = plugin.calls("DEL");
        assertThat(undone).as("tried at once").isGreaterThan(before);
        Awaitility.await("another attempt").atMost(LifeScene.PATIENCE).until(() -> plugin.calls("DEL") > undone);
    }

    @Test
    void withoutANetworkOnlyPodsOfTheHostsNetworkStart() throws Exception {
        Files.delete(node.place().networks().resolve("10-bridge.conflist"));
        Awaitility.await("the network is said not to be ready")
                .atMost(DEADLINE)
                .untilAsserted(() -> assertThat(networkReady().getStatus()).isFalse());
        assertThat(networkReady().getReason()).isNotEmpty();
        assertThat(networkReady().getMessage()).contains(node.place().networks().toString());
        var pod = Requests.pod(node.place(), "lonely").build();
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(node.cri(), pod), "network");

        var host = Requests.pod(node.place(), "host");
        host.getLinuxBuilder()
                .getSecurityContextBuilder()
                .getNamespaceOptionsBuilder()
                .setNetwork(NamespaceMode.NODE);
        Requests.removePod(node.cri(), Requests.run(node.cri(), host.build()));
        leftovers.assertNone();

        CriDaemon.writeNetwork(node.place(), "");
        Awaitility.await("the network is ready again")
                .atMost(DEADLINE)
                .untilAsserted(() -> assertThat(networkReady().getStatus()).isTrue());
        Requests.removePod(node.cri(), Requests.run(node.cri(), pod));
        leftovers.assertNone();
    }

    @Test
    void podsThatCanNeverBeAreRefused() throws Exception {
        var cases = List.<Wrong<PodSandboxConfig.Builder>>of(
                new Wrong<>("uid", pod -> pod.getMetadataBuilder().setUid("../../x")),
                new Wrong<>("name", pod -> pod.getMetadataBuilder().setName("a/b")),
                new Wrong<>("name", pod -> pod.getMetadataBuilder().setName("a\0b")),
                new Wrong<>("name", pod -> pod.getMetadataBuilder().setName("x".repeat(300))),
                new Wrong<>("hostname", pod -> pod.setHostname("a\nb")),
                new Wrong<>("log directory", pod -> pod.setLogDirectory("/var/log/../../etc")),
                new Wrong<>("cgroup", pod -> pod.getLinuxBuilder().setCgroupParent("../x")),
                new Wrong<>("kernel.panic", pod -> pod.getLinuxBuilder().putSysctls("kernel.panic", "1")),
                new Wrong<>(
                        "net.ipv4.ip_local_port_range",
                        pod -> pod.getLinuxBuilder()
                                .putSysctls("net.ipv4.ip_local_port_range", "1024 65000+kernel.core_pattern=|/x")),
                new Wrong<>("net.core.somaxconn", pod -> {
                    pod.getLinuxBuilder().putSysctls("net.core.somaxconn", "1024");
                    pod.getLinuxBuilder()
                            .getSecurityContextBuilder()
                            .getNamespaceOptionsBuilder()
                            .setNetwork(NamespaceMode.NODE);
                }));
        for (var each : cases) {
            var pod = Requests.pod(node.place(), "wrong");
            each.change.accept(pod);
            Refused.with(Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), pod.build()), each.word);
        }
        leftovers.assertNone();
    }

    @Test
    void containersThatCanNeverBeAreRefused() throws Exception {
        var secret = Files.writeString(directory.resolve("secret"), "of the host\n");
        var cases = List.<Wrong<ContainerConfig.Builder>>of(
                new Wrong<>("name", container -> container.getMetadataBuilder().setName("")),
                new Wrong<>("name", container -> container.getMetadataBuilder().setName("a/b")),
                new Wrong<>("name", container -> container.getMetadataBuilder().setName("a\0b")),
                new Wrong<>("log", container -> container.setLogPath("../../secret")),
                new Wrong<>(
                        "mount",
                        container -> container.addMounts(
                                Mount.newBuilder().setHostPath("relative").setContainerPath("/x"))),
                new Wrong<>(
                        "mount",
                        container -> container.addMounts(Mount.newBuilder()
                                .setHostPath(directory.toString())
                                .setContainerPath("/../x"))),
                new Wrong<>("working directory", container -> container.setWorkingDir("/proc/self/fd/3")),
                new Wrong<>(
                        "capabilit",
                        container -> container
                                .getLinuxBuilder()
                                .getSecurityContextBuilder()
                                .getCapabilitiesBuilder()
                                .addAddCapabilities("EVERYTHING")),
                new Wrong<>(
                        "a group to run as",
                        container -> container
                                .getLinuxBuilder()
                                .getSecurityContextBuilder()
                                .getRunAsGroupBuilder()
                                .setValue(5)),
                new Wrong<>(
                        "memory",
                        container -> container
                                .getLinuxBuilder()
                                .getResourcesBuilder()
                                .setMemoryLimitInBytes(-5)),
                new Wrong<>(
                        "list of CPUs",
                        container -> container
                                .getLinuxBuilder()
                                .getResourcesBuilder()
                                .setCpusetCpus("0;1")));
        withPod("wrong", (id, pod) -> {
            for (var each : cases) {
                var container = runs("c").toBuilder();
                each.change.accept(container);
                Refused.with(
                        Code.INVALID_ARGUMENT, () -> Requests.start(node.cri(), id, pod, container.build()), each.word);
                assertThat(containers()).as(each.word).isEmpty();
            }
        });
        assertThat(secret).hasContent("of the host\n");
        leftovers.assertNone();
    }

    @Test
    @Tag("K6")
    void aRequestThatIsTooLargeIsRefusedAndTheNextOneIsServed() throws Exception {
        var pod = Requests.pod(node.place(), "large")
                .putAnnotations("large", "x".repeat(LARGEST_REQUEST_BYTES + 1))
                .build();
        Refused.with(Code.RESOURCE_EXHAUSTED, () -> Requests.run(node.cri(), pod));
        Requests.removePod(
                node.cri(),
                Requests.run(node.cri(), Requests.pod(node.place(), "large").build()));
        leftovers.assertNone();
    }

    private record Wrong<T>(String word, Consumer<T> change) {}

    private void startContainer(String id) {
        node.cri()
                .runtime(DEADLINE)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    private List<Container> containers() {
        return node.cri()
                .runtime(DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList();
    }

    private RuntimeCondition networkReady() {
        return node
                .cri()
                .runtime(DEADLINE)
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditionsList()
                .stream()
                .filter(condition -> condition.getType().equals("NetworkReady"))
                .findFirst()
                .orElseThrow();
    }
}
