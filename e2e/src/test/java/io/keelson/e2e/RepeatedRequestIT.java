package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PullImageRequest;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.StartContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers that leave, and the same request again: what was begun is finished, found by the retry, and never there twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepeatedRequestIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final Duration IMPATIENCE = Duration.ofSeconds(2);

    @TempDir
    static Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Node node;
    private FaultyPlugin plugin;
    private Leftovers leftovers;

    @BeforeAll
    void start() throws Exception {
        Files.createDirectories(directory.resolve("keelson.d"));
        Files.writeString(directory.resolve("keelson.d/slow.toml"), """
                [network]
                plugin_timeout = "60s"
                [runtime.handlers.slow]
                program = "%s"
                """.formatted(slowRuntime()));
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        plugin = FaultyPlugin.install(node.place());
        Requests.prepare(node, BUSYBOX);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    /** crun, which does not create, or start, while a file is there. */
    private Path slowRuntime() throws IOException {
        var program = Files.writeString(directory.resolve("slow-crun"), """
                #!/bin/sh
                case " $* " in *" create "*)
                  echo create >>%1$s/creates
                  while [ -e %1$s/hold ]; do sleep 0.02; done;;
                *" start "*)
                  echo start >>%1$s/starts
                  while [ -e %1$s/hold-start ]; do sleep 0.02; done;;
                esac
                exec /usr/bin/crun "$@"
                """.formatted(directory));
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (var calls : List.of("creates", "starts")) {
            Files.deleteIfExists(directory.resolve(calls));
        }
        plugin.set(FaultyPlugin.Mode.WORK);
        for (var pod : pods()) {
            Requests.removePod(node.cri(), pod.getId());
        }
        leftovers.assertNone();
    }

    @AfterAll
    void end() {
        threads.shutdownNow();
        if (node != null) {
            node.close();
        }
    }

    @Test
    @Tag("trap-3")
    @Tag("retry")
    void aPodThatWasNotReadyWithinTheCallersDeadlineIsTheRetrys() throws Exception {
        var pod = Requests.pod(node.place(), "slow").build();
        var added = plugin.calls("ADD");
        plugin.set(FaultyPlugin.Mode.WAIT);

        Refused.with(
                Code.DEADLINE_EXCEEDED,
                () -> node.cri()
                        .runtime(IMPATIENCE)
                        .runPodSandbox(
                                RunPodSandboxRequest.newBuilder().setConfig(pod).build()));
        var retries = new ArrayList<Future<String>>();
        for (var i = 0; i < 3; i++) {
            retries.add(threads.submit(() -> Requests.run(node.cri(), pod)));
        }
        Refused.with(
                Code.ALREADY_EXISTS,
                () -> Requests.run(
                        node.cri(), pod.toBuilder().putLabels("other", "yes").build()),
                "different configuration");
        assertThat(pods()).as("what is not ready is not listed").isEmpty();
        plugin.set(FaultyPlugin.Mode.WORK);

        for (var retry : retries) {
            assertThat(pods(retry.get())).hasSize(1);
        }
        assertThat(pods()).hasSize(1);
        assertThat(plugin.calls("ADD")).isEqualTo(added + 1);
        var id = pods().getFirst().getId();
        assertThat(Requests.run(node.cri(), pod)).as("once it is ready, too").isEqualTo(id);
        Refused.with(
                Code.ALREADY_EXISTS,
                () -> Requests.run(
                        node.cri(), pod.toBuilder().putLabels("other", "yes").build()),
                id,
                "different configuration");
    }

    @Test
    @Tag("trap-3")
    void aPodThatNobodyWaitsForIsListedWhenItIsReadyAndIsTheRetrys() throws Exception {
        var pod = Requests.pod(node.place(), "cancelled").build();
        plugin.set(FaultyPlugin.Mode.WAIT);
        var added = plugin.calls("ADD");
        cancelOnce(() -> plugin.calls("ADD") > added, () -> Requests.run(node.cri(), pod));
        plugin.set(FaultyPlugin.Mode.WORK);

        Awaitility.await("the pod is made without its caller")
                .atMost(DEADLINE)
                .until(() -> pods().size() == 1 && pods().getFirst().getState() == PodSandboxState.SANDBOX_READY);
        assertThat(Requests.run(node.cri(), pod)).isEqualTo(pods().getFirst().getId());
        assertThat(plugin.calls("ADD")).isEqualTo(added + 1);
    }

    @Test
    @Tag("trap-4")
    void aPodThatCannotBeMadeIsUndoneThoughItsCallerHasLeft() throws Exception {
        var pod = Requests.pod(node.place(), "fails").build();
        plugin.set(FaultyPlugin.Mode.WAIT_AND_FAIL);
        var added = plugin.calls("ADD");
        var deleted = plugin.calls("DEL");
        cancelOnce(() -> plugin.calls("ADD") > added, () -> Requests.run(node.cri(), pod));
        plugin.set(FaultyPlugin.Mode.WORK);

        Awaitility.await("its network is taken back").atMost(DEADLINE).until(() -> plugin.calls("DEL") > deleted);
        leftovers.assertNone();
        assertThat(pods()).isEmpty();
        assertThat(pods(Requests.run(node.cri(), pod))).hasSize(1);
    }

    @Test
    @Tag("trap-4")
    void aStopIsFinishedThoughItsCallerHasLeft() throws Exception {
        var pod = Requests.pod(node.place(), "stops").build();
        var id = Requests.run(node.cri(), pod);
        Requests.start(
                node.cri(),
                id,
                pod,
                Requests.container("c", BUSYBOX, List.of("sleep", "1000")).build());
        plugin.set(FaultyPlugin.Mode.WAIT_TO_DELETE);
        var deleted = plugin.calls("DEL");
        cancelOnce(
                () -> plugin.calls("DEL") > deleted,
                () -> node.cri()
                        .runtime(DEADLINE)
                        .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                                .setPodSandboxId(id)
                                .build()));
        plugin.set(FaultyPlugin.Mode.WORK);

        Awaitility.await("its address is given back")
                .atMost(DEADLINE)
                .until(() -> Files.exists(node.place().leases()) && leases().noneMatch(node.place()::namesAddress));
        assertThat(Requests.podStatus(node.cri(), id).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        Requests.removePod(node.cri(), id);
        assertThat(plugin.calls("DEL")).isEqualTo(deleted + 1);
        leftovers.assertNone();
    }

    @Test
    @Tag("trap-3")
    @Tag("retry")
    void aContainerWhoseCallerHasLeftIsTheRetrys() throws Exception {
        var pod = Requests.pod(node.place(), "creates").build();
        var id = Requests.run(node.cri(), pod, "slow");
        var config = Requests.container("c", BUSYBOX, List.of("sleep", "1000")).build();
        var hold = Files.createFile(directory.resolve("hold"));
        cancelOnce(
                () -> Files.exists(directory.resolve("creates")), () -> Requests.create(node.cri(), id, pod, config));
        var retry = threads.submit(() -> Requests.create(node.cri(), id, pod, config));
        assertThat(containers()).isEmpty();
        Files.delete(hold);

        var container = retry.get();
        assertThat(containers()).extracting(Container::getId).containsExactly(container);
        assertThat(directory.resolve("creates")).hasContent("create");
        assertThat(Requests.create(node.cri(), id, pod, config)).isEqualTo(container);
        Refused.with(
                Code.ALREADY_EXISTS,
                () -> Requests.create(
                        node.cri(), id, pod, config.toBuilder().setTty(true).build()),
                container,
                "different configuration");
        var second = config.toBuilder();
        second.getMetadataBuilder().setAttempt(1);
        assertThat(Requests.create(node.cri(), id, pod, second.build())).isNotEqualTo(container);
    }

    /** kubelet gives an attempt up whose answer it did not see, and asks for the next one beside it. */
    @Test
    @Tag("retry")
    void theNextAttemptOfAPodIsAnotherPodAndThereAreTwo() throws Exception {
        var first = Requests.pod(node.place(), "attempts").build();
        var next = first.toBuilder();
        next.getMetadataBuilder().setAttempt(1);
        var added = plugin.calls("ADD");
        plugin.set(FaultyPlugin.Mode.WAIT);
        Refused.with(
                Code.DEADLINE_EXCEEDED,
                () -> node.cri()
                        .runtime(IMPATIENCE)
                        .runPodSandbox(RunPodSandboxRequest.newBuilder()
                                .setConfig(first)
                                .build()));
        var same = threads.submit(() -> Requests.run(node.cri(), first));
        var other = threads.submit(() -> Requests.run(node.cri(), next.build()));
        Awaitility.await("both are made").atMost(DEADLINE).until(() -> plugin.calls("ADD") == added + 2);
        plugin.set(FaultyPlugin.Mode.WORK);

        assertThat(pods()).extracting(PodSandbox::getId).isSubsetOf(same.get(), other.get());
        assertThat(pods()).hasSize(2);
        assertThat(plugin.calls("ADD")).isEqualTo(added + 2);
    }

    /** What the caller of a start does not wait for does not run behind its back; kubelet makes another. */
    @Test
    @Tag("retry")
    void aContainerThatWasNotStartedInTimeHasEndedAndTheNextAttemptStarts() throws Exception {
        var pod = Requests.pod(node.place(), "starts").build();
        var id = Requests.run(node.cri(), pod, "slow");
        var config = Requests.container("c", BUSYBOX, List.of("sleep", "1000")).build();
        var container = Requests.create(node.cri(), id, pod, config);
        var start = StartContainerRequest.newBuilder().setContainerId(container).build();
        var hold = Files.createFile(directory.resolve("hold-start"));

        Refused.with(
                Code.DEADLINE_EXCEEDED, () -> node.cri().runtime(IMPATIENCE).startContainer(start));
        Refused.with(
                Code.FAILED_PRECONDITION, () -> node.cri().runtime(DEADLINE).startContainer(start), container);
        Files.delete(hold);

        assertThat(directory.resolve("starts")).hasContent("start");
        LifeScene.assertExited(Requests.status(node.cri(), container), 128, "StartError");
        var next = config.toBuilder();
        next.getMetadataBuilder().setAttempt(1);
        var second = Requests.start(node.cri(), id, pod, next.build());
        assertThat(second).isNotEqualTo(container);
        assertThat(Requests.status(node.cri(), second).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    }

    /** What a pull asks the registry for, one after the other. */
    enum Asked {
        MANIFEST("/manifests/", 0),
        CONFIG("/blobs/", 0),
        LAYERS("/blobs/", 1);

        private final String part;
        private final int before;

        Asked(String part, int before) {
            this.part = part;
            this.before = before;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("retry")
    void aPullThatTookTooLongIsFinishedByTheRetriesTogether(Asked slow) throws Exception {
        try (var registry = new MemoryRegistry()) {
            var name = registry.put(
                    "slow",
                    List.of(
                            Layer.of(new LayerTar().file("one", 0644, "1")),
                            Layer.of(new LayerTar().file("two", 0644, "2"))));
            registry.hold(slow.part, slow.before);
            var pull = PullImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(name))
                    .build();
            Refused.with(
                    Code.DEADLINE_EXCEEDED, () -> node.cri().images(IMPATIENCE).pullImage(pull));
            var before = registry.requests(slow.part).size();
            assertThat(before).isGreaterThan(slow.before);
            var all = registry.requests("/").size();
            var retries = new ArrayList<Future<String>>();
            for (var i = 0; i < 3; i++) {
                retries.add(threads.submit(() -> Requests.pull(node.cri(), name)));
            }
            Awaitility.await("the retries ask")
                    .atMost(DEADLINE)
                    .until(() -> registry.requests(slow.part).size() > before);
            registry.letGo();

            for (var retry : retries) {
                assertThat(retry.get()).isEqualTo(retries.getFirst().get());
            }
            assertThat(registry.requests("/").stream().skip(all)).doesNotHaveDuplicates();
            Requests.removeImage(node.cri(), name);
        }
    }

    /** Makes the call, and cancels it when the condition holds; it must not have ended by itself. */
    private void cancelOnce(Callable<Boolean> condition, Callable<?> call) throws Exception {
        try (var context = Context.current().withCancellation()) {
            var calling = threads.submit(() -> context.call(call));
            Awaitility.await("the call is under way").atMost(DEADLINE).until(condition);
            context.cancel(null);
            assertThatThrownBy(calling::get)
                    .hasRootCauseInstanceOf(StatusRuntimeException.class)
                    .rootCause()
                    .hasMessageContaining("CANCELLED");
        }
    }

    private List<PodSandbox> pods() {
        return node.cri()
                .runtime(DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList();
    }

    private List<PodSandbox> pods(String id) {
        return pods().stream().filter(pod -> pod.getId().equals(id)).toList();
    }

    private List<Container> containers() {
        return node.cri()
                .runtime(DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList();
    }

    private Stream<String> leases() throws IOException {
        try (var walk = Files.walk(node.place().leases())) {
            return walk.map(path -> path.getFileName().toString()).toList().stream();
        }
    }
}
