package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.ImageCatalog;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.oci.cgroup.HostResources;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.KernelVersion;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.spec.Machine;
import io.keelson.pod.PodId;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Running;
import io.keelson.pod.files.FileOwner;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The making of containers, whatever step fails, with an image that is on the node and has no layers. */
class ContainerCreatorTest extends ContainerBench {
    private static final String CONFIG =
            "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"/run\"],\"StopSignal\":\"SIGQUIT\"},"
                    + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

    private final ConfigBuilder config = new ConfigBuilder();
    private ContainerCreator creator;

    @BeforeEach
    void makeCreator() throws IOException {
        ReadyPods.add(pods, podPaths, POD, ReadyPods.spec("web"));
        podPaths.files(POD).write("web", Optional.empty(), List.of("10.0.0.5"), FileOwner.ROOT);
        creator = new ContainerCreator(new ContainerCreator.Parts(
                pods,
                podPaths,
                catalog,
                paths,
                images(),
                roots,
                runtime,
                remover,
                ends,
                new ContainerNode(
                        new Capabilities((1L << 41) - 1),
                        new Machine("amd64", new KernelVersion(6, 18), 1),
                        new HostResources(false, true, true, Set.of("2MB"), "0-1", "0"),
                        SecurityModules.at(directory.resolve("host")),
                        0,
                        List.of()),
                new NodeAdditions(List.of(directory.resolve("cdi")), List.of(directory.resolve("hooks"))),
                InstantSource.fixed(NOW)));
    }

    private ImageCatalog images() throws IOException {
        var bytes = CONFIG.getBytes(StandardCharsets.UTF_8);
        var digest = Digest.of("sha256", bytes);
        var root = directory.resolve("root");
        var blobs = Files.createDirectories(root.resolve("images/blobs/sha256"));
        Files.write(blobs.resolve(digest.hex()), bytes);
        var records = Files.createDirectories(root.resolve("image-records"));
        Files.write(
                records.resolve("sha256-" + digest.hex() + ".json"),
                Json.object()
                        .put("version", 1)
                        .put("id", digest.toString())
                        .putTexts("repoTags", List.of("registry.test/app:v1"))
                        .putTexts("repoDigests", List.of())
                        .putTexts("manifests", List.of())
                        .put("sizeBytes", 1)
                        .put("pulledAt", NOW.toString())
                        .put("generation", 1)
                        .build()
                        .toBytes());
        return ImageCatalog.open(root, LayerStore.open(directory.resolve("layers")));
    }

    private static void refused(ThrowingCallable call, Failure.Kind kind, String why) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(catalog.list(ContainerFilter.all())).isEmpty();
        assertThat(roots.mounted).isEmpty();
        for (var parent : List.of(paths.records(), paths.states())) {
            assertThat(parent)
                    .satisfiesAnyOf(
                            path -> assertThat(path).doesNotExist(),
                            path -> assertThat(path).isEmptyDirectory());
        }
    }

    @Test
    void aContainerIsCompleteAndOnDiskWhenItIsAnswered() {
        config.stdin = true;
        var id = creator.create(POD, config.build());

        assertThat(catalog.get(id.hex()).state()).isEqualTo(new Created());
        assertThat(restored().get(id.hex()).state()).isEqualTo(new Created());
        assertThat(catalog.get(id.hex()).stopSignal()).as("the image's").isEqualTo("SIGQUIT");
        assertThat(catalog.get(id.hex()).cgroup()).isEqualTo("/pods/p/" + id);
        assertThat(paths.spec(id)).exists();
        assertThat(runtime.followed).isNotEmpty();
        var launch = runtime.launched.getFirst();
        assertThat(launch.stdin()).isTrue();
        assertThat(launch.stdinOnce()).isFalse();
        assertThat(launch.terminal()).isFalse();
    }

    @Test
    void theRequestsStopSignalWinsOverTheImages() {
        config.stopSignal = "12";

        var id = creator.create(POD, config.build());

        assertThat(catalog.get(id.hex()).stopSignal()).isEqualTo("SIGUSR2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mount", "mount-image", "user", "make-directory"})
    void aStepThatFailsBeforeAnythingRanIsUndone(String step) throws IOException {
        roots.failing.add(step);
        config.mounts.add(image("registry.test/app:v1", ""));

        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, step + " failed");

        assertNothingIsLeft();
        assertThat(runtime.launched).isEmpty();
        roots.failing.clear();
        assertThat(catalog.find(creator.create(POD, config.build()).hex())).isPresent();
    }

    private static ContainerMount image(String image, String subPath) {
        return new ContainerMount(
                "/image",
                "",
                true,
                false,
                ContainerMount.Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                Optional.of(ImageSpec.of(image)),
                subPath,
                List.of());
    }

    @Test
    void anImageThatIsMountedIsKnownByItsDigestAlsoAfterARestart() throws IOException {
        config.mounts.add(image("registry.test/app:v1", ""));
        var id = creator.create(POD, config.build());

        assertThat(creator.create(POD, config.build())).as("repeated").isEqualTo(id);
        for (var some : List.of(catalog, restored())) {
            var mount = some.get(id.hex()).config().mounts().getFirst();
            assertThat(mount.hostPath()).isEmpty();
            assertThat(mount.image().orElseThrow().imageRef()).startsWith("sha256:");
        }
        assertThat(Files.readString(paths.spec(id)))
                .contains("\"" + paths.directory(id).resolve("images/0") + "\"");
    }

    @Test
    void whatNoImageCanBeMountedAsIsRefusedInKubeletsWords() throws IOException {
        var good = image("registry.test/app:v1", "a/b");
        var path = good.from(directory);
        refusedMount(image("registry.test/other:v1", ""), Failure.Kind.ABSENT, "is not on this node");
        refusedMount(image("registry.test/app:v1", "a/../b"), Failure.Kind.INVALID, "plain relative");
        refusedMount(image("registry.test/app:v1", "/a"), Failure.Kind.INVALID, "plain relative");
        refusedMount(image("", ""), Failure.Kind.INVALID, "names no image");
        refusedMount(
                ofImage(good, path.hostPath(), true, List.of()), Failure.Kind.INVALID, "a path on the host as well");
        refusedMount(ofImage(good, "", false, List.of()), Failure.Kind.INVALID, "only be mounted read-only");
        refusedMount(
                ofImage(good, "", true, List.of(new IdMapping(7, 0, 1))), Failure.Kind.INVALID, "mapped otherwise");
    }

    /** A mount of the same image that may contradict itself. */
    private static ContainerMount ofImage(
            ContainerMount good, String hostPath, boolean isReadonly, List<IdMapping> ids) {
        return new ContainerMount(
                "/image",
                hostPath,
                isReadonly,
                false,
                ContainerMount.Propagation.PRIVATE,
                false,
                ids,
                ids,
                good.image(),
                "",
                List.of());
    }

    private void refusedMount(ContainerMount mount, Failure.Kind kind, String why) throws IOException {
        config.mounts.clear();
        config.mounts.add(mount);
        assertThatThrownBy(() -> creator.create(POD, config.build()))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageStartingWith("ImageVolumeMountFailed: cannot create container \"web\"")
                .hasMessageContaining(why);
        assertNothingIsLeft();
    }

    @Test
    void whatTheRuntimeCannotCreateIsUndoneAndItsWordsAreTold() throws IOException {
        runtime.failing.add("create");

        refused(() -> creator.create(POD, config.build()), Failure.Kind.WRONG_STATE, "create failed");

        assertNothingIsLeft();
        assertThat(runtime.done).anyMatch(step -> step.startsWith("delete /pods/p/"));
        runtime.failing.clear();
        assertThat(catalog.find(creator.create(POD, config.build()).hex())).isPresent();
    }

    @Test
    void whatCannotBeTakenBackAtOnceIsTakenBackByTheNextDaemon() throws IOException {
        runtime.failing.add("create");
        runtime.failing.add("delete");
        refused(() -> creator.create(POD, config.build()), Failure.Kind.WRONG_STATE, "create failed");

        assertThat(catalog.list(ContainerFilter.all())).isEmpty();
        assertThat(roots.mounted).as("its processes may still be there").hasSize(1);
        runtime.failing.clear();
        var again = creator.create(POD, config.build());

        assertThat(restored().list(ContainerFilter.all()))
                .extracting(Container::id)
                .containsExactly(again);
        assertThat(roots.mounted).containsExactly(paths.directory(again));
        assertThat(runtime.done.getLast()).startsWith("delete /pods/p/").doesNotContain(again.hex());
    }

    @Test
    void aRequestThatIsRepeatedFindsTheFirstOnesContainerAlsoWhileItIsBeingMade() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        runtime.whileCreating = () -> {
            begun.countDown();
            await(go);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new ArrayList<Future<ContainerId>>();
            asked.add(threads.submit(() -> creator.create(POD, config.build())));
            begun.await();
            for (var i = 0; i < 5; i++) {
                asked.add(threads.submit(() -> creator.create(POD, config.build())));
            }
            assertThat(catalog.list(ContainerFilter.all())).as("not yet seen").isEmpty();
            go.countDown();

            var ids = new HashSet<ContainerId>();
            for (var each : asked) {
                ids.add(each.get());
            }
            ids.add(creator.create(POD, config.build()));
            assertThat(ids).hasSize(1);
        }
        assertThat(runtime.launched).hasSize(1);
    }

    @Test
    void thePidNamespaceOfATargetIsThatOfARunningContainerInTheSamePod() throws IOException {
        var target = creator.create(POD, config.build());
        var wanted = new ConfigBuilder();
        wanted.name = "debugger";
        wanted.pid = NamespaceMode.TARGET;
        wanted.pidTarget = target.hex();
        refused(() -> creator.create(POD, wanted.build()), Failure.Kind.WRONG_STATE, "does not run in this pod");
        var created = catalog.entry(target).orElseThrow();
        catalog.change(created, created.status().with(new Running(NOW)));
        var other = new PodId("0123".repeat(16));
        ReadyPods.add(pods, podPaths, other, ReadyPods.spec("other"));
        podPaths.files(other).write("other", Optional.empty(), List.of("10.0.0.6"), FileOwner.ROOT);

        refused(() -> creator.create(other, wanted.build()), Failure.Kind.WRONG_STATE, "does not run in this pod");
        assertThat(catalog.find(creator.create(POD, wanted.build()).hex())).isPresent();
    }

    @Test
    @Tag("trap-3")
    void aContainerWhoseCallerHasLeftIsMadeAllTheSameAndIsTheRetrys() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        runtime.whileCreating = () -> {
            begun.countDown();
            await(go);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> creator.create(POD, config.build()));
            begun.await();
            first.cancel(true);
            var retry = threads.submit(() -> creator.create(POD, config.build()));
            go.countDown();

            assertThat(catalog.find(retry.get().hex())).isPresent();
        }
        assertThat(runtime.launched).hasSize(1);
        config.stdin = true;
        refused(() -> creator.create(POD, config.build()), Failure.Kind.ALREADY_EXISTS, "different configuration");
        assertThat(runtime.launched).hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anImageThatIsNotHereIsAbsent() throws IOException {
        var other = new ConfigBuilder().build();
        var missing = new ContainerConfig(
                other.name(),
                other.attempt(),
                ImageSpec.of("registry.test/app:v2"),
                other.command(),
                other.args(),
                other.workingDir(),
                other.env(),
                other.mounts(),
                other.devices(),
                other.cdiDevices(),
                other.labels(),
                other.annotations(),
                other.logPath(),
                other.stdin(),
                other.stdinOnce(),
                other.tty(),
                other.resources(),
                other.security(),
                other.stopSignal());

        refused(() -> creator.create(POD, missing), Failure.Kind.ABSENT, "\"registry.test/app:v2\"");
        assertNothingIsLeft();
    }

    @Test
    void aPodThatIsNotThereIsAbsent() throws IOException {
        var missing = new PodId("00".repeat(32));

        refused(() -> creator.create(missing, config.build()), Failure.Kind.ABSENT, missing.hex());
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a\nb", "a\0"})
    void aNameIsPlain(String name) throws IOException {
        config.name = name;

        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, "name");
        config.name = "n".repeat(256);
        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, "name");
        assertNothingIsLeft();
    }

    @Test
    void aLogThatWouldLieElsewhereIsRefused() throws IOException {
        config.logPath = "../../../etc/cron.d/x";

        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, "path of a log");
        assertNothingIsLeft();
    }

    @Test
    void aStopSignalThatDoesNotExistIsRefused() throws IOException {
        config.stopSignal = "SIGNOTHING";

        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, "SIGNOTHING");
        assertNothingIsLeft();
    }

    @Test
    void theSpecificationIsReadableByRootAlone() throws IOException {
        var id = creator.create(POD, config.build());

        assertThat(paths.bundle(id)).satisfies(ContainerCreatorTest::isForTheOwnerAlone);
        assertThat(paths.directory(id)).satisfies(ContainerCreatorTest::isForTheOwnerAlone);
    }

    private static void isForTheOwnerAlone(Path directory) throws IOException {
        assertThat(Files.getPosixFilePermissions(directory))
                .noneMatch(permission -> !permission.name().startsWith("OWNER"));
    }

    /** 200 at once and 200 one after another (CVE-2021-21334: a list that two containers shared). */
    @Test
    @Tag("T21")
    void eachOfManyContainersHasItsOwnVariablesAlone() throws Exception {
        var ids = new ArrayList<ContainerId>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = IntStream.range(0, 200)
                    .mapToObj(number -> threads.submit(() -> createWithSecret(number)))
                    .toList();
            for (var call : calls) {
                ids.add(call.get());
            }
        }
        for (var number = 200; number < 400; number++) {
            ids.add(createWithSecret(number));
        }
        for (var number = 0; number < ids.size(); number++) {
            var environment = Json.parseObject(Files.readAllBytes(paths.spec(ids.get(number))))
                    .object("process")
                    .texts("env");
            assertThat(environment)
                    .filteredOn(entry -> entry.contains("SECRET"))
                    .containsExactly("SECRET_" + number + "=" + number);
        }
    }

    private ContainerId createWithSecret(int number) {
        var mine = new ConfigBuilder();
        mine.name = "web-" + number;
        mine.env.add(new ContainerConfig.EnvironmentVariable("SECRET_" + number, Integer.toString(number)));
        return creator.create(POD, mine.build());
    }

    @Test
    void aDeviceThatIsNotThereIsRefusedAndOneThatCameSinceIsGiven() throws IOException {
        config.cdiDevices = List.of("v.com/gpu=0");
        refused(() -> creator.create(POD, config.build()), Failure.Kind.WRONG_STATE, "no CDI device v.com/gpu=0");
        assertNothingIsLeft();

        var devices = Files.createDirectory(directory.resolve("cdi"));
        Files.writeString(devices.resolve("v.json"), """
                {"cdiVersion": "1.0.0", "kind": "v.com/gpu",
                 "devices": [{"name": "0", "containerEdits": {"env": ["GPU=0"]}}]}
                """);
        var id = creator.create(POD, config.build());

        assertThat(Files.readString(paths.spec(id))).contains("\"GPU=0\"");
    }

    /** By an annotation of the pod, too. */
    @Test
    void hooksOfTheNodeComeAlongAndOneThatIsNotUnderstoodStopsEverything() throws IOException {
        var hooks = Files.createDirectory(directory.resolve("hooks"));
        Files.writeString(hooks.resolve("a.json"), """
                {"version": "1.0.0", "hook": {"path": "/bin/sh"}, "stages": ["poststop"],
                 "when": {"annotations": {"^note$": "ber$"}}}
                """);
        var id = creator.create(POD, config.build());
        assertThat(Files.readString(paths.spec(id))).contains("\"hooks\":{\"poststop\":[{\"path\":\"/bin/sh\"}]}");

        Files.writeString(hooks.resolve("b.json"), "{}");
        config.name = "other";
        refused(() -> creator.create(POD, config.build()), Failure.Kind.WRONG_STATE, "hooks/b.json");
        assertThat(catalog.list(ContainerFilter.all())).hasSize(1);
        assertThat(roots.mounted).containsExactly(paths.directory(id));
    }

    @Test
    void aMemoryLimitInWhichTheRuntimeItselfHasNoRoomIsRefused() throws IOException {
        config.resources = memory(FakeRuntime.LEAST_MEMORY_BYTES - 1);
        refused(() -> creator.create(POD, config.build()), Failure.Kind.INVALID, "1048575");
        assertNothingIsLeft();

        config.resources = memory(FakeRuntime.LEAST_MEMORY_BYTES);
        assertThat(catalog.find(creator.create(POD, config.build()).hex())).isPresent();
    }

    /** A change of the memory limit alone starts from them: on version 1 it fails above a swap limit that nobody knows of. */
    @Test
    void theLimitsInForceAreKnownAlsoWhereNobodyAskedForThem() {
        config.resources = memory(64L << 20);

        var made = catalog.get(creator.create(POD, config.build()).hex());

        assertThat(made.resources().memorySwapLimitBytes()).isEqualTo(64L << 20);
    }

    private static LinuxResources memory(long limitBytes) {
        return new LinuxResources(0, 0, 0, limitBytes, 0, "", "", Map.of(), Map.of(), 0);
    }
}
