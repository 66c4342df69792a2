package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.Pod;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodId;
import io.keelson.pod.PodMetadata;
import io.keelson.pod.PodSecurity;
import io.keelson.pod.PodSpec;
import io.keelson.pod.PodState;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerConfig;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerSecurity;
import io.keelson.pod.container.ContainerState;
import io.keelson.pod.container.ImageSpec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Pods and containers begin, end and are removed, and the daemon is killed, or the power goes, after every change that this makes on disk, in
 * the kernel and in networks. Whatever is left, the next daemon starts, knows what was acknowledged, in a state that is true, and nothing
 * is held by anybody who is not there; and the same requests succeed.
 */
class PodCrashTest implements CrashStates.Scenario {
    private static final Registry REGISTRY = new Registry();
    private static final RegistryClient CLIENT = new RegistryClient(RegistrySettings.DEFAULT);
    private static final String IMAGE = REGISTRY.put("app", "some text");
    private static final int IN_CHECK = 1400;
    private static final String POD = "pod";
    private static final String CONTAINER = "container";
    private static final String ENDED = "ended";
    private static final long PAUSE_NANOS = 100_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    /** Where things of pods and containers lie, those that all share left out. */
    private static final List<String> PLACES =
            List.of("/root/pods/", "/root/containers/", "/state/pods/", "/state/containers/", "/root/quarantine/");

    private static final LinuxResources LIMITS = new LinuxResources(0, 0, 0, 1 << 26, 0, "", "", Map.of(), Map.of(), 0);

    @AfterAll
    static void end() {
        CLIENT.close();
        REGISTRY.close();
    }

    @Test
    @Tag("K1")
    @Tag("P1")
    void podsAndContainersSurviveDeathsAndPowerFailures() {
        var journal = new Life().journal.steps();
        CrashStates.assertRepeats(journal, new Life().journal.steps());

        assertThat(new CrashStates("pods and containers", journal, this, IN_CHECK).run())
                .isGreaterThanOrEqualTo(1);
    }

    /** What happens in a run that nothing disturbs. */
    private static final class Life {
        final Journal journal = new Journal();
        private final SimulatedDisk disk = new SimulatedDisk(journal);
        private final PodNode node = new PodNode(disk, new SimulatedKernel(journal), CLIENT);

        Life() {
            REGISTRY.whenAsked(documents -> disk.order(
                    "layer-convert",
                    documents.stream()
                            .map(digest -> "/root/images/blobs/sha256/" + digest)
                            .toList()));
            node.images.pull(IMAGE);
            REGISTRY.whenAsked(_ -> {});
            var first = asked("first", POD, Promises::exists, () -> node.starter.start(spec("first")));
            var one = asked("one", CONTAINER, Promises::exists, () -> node.creator.create(first, config("one")));
            node.containerStarter.start(one);
            var second = asked("second", POD, Promises::exists, () -> node.starter.start(spec("second")));
            var two = asked("two", CONTAINER, Promises::exists, () -> node.creator.create(second, config("two")));
            node.containerStarter.start(two);
            asked("one", ENDED, Promises::exists, () -> stop(one));
            asked("one", CONTAINER, Promises::gone, () -> remove(one));
            asked("first", ENDED, Promises::exists, () -> stop(first));
            asked("first", POD, Promises::gone, () -> remove(first));
            asked("first", POD, Promises::exists, () -> node.starter.start(spec("first")));
        }

        private <T> T asked(String name, String kind, Answer answer, Supplier<T> request) {
            var object = kind + " " + name;
            journal.add(new Step.Answered(promises -> {
                promises.underWay(object);
                promises.underWay(ENDED + " " + name);
            }));
            var result = request.get();
            journal.add(new Step.Answered(promises -> answer.to(promises, object)));
            return result;
        }

        private boolean stop(ContainerId id) {
            node.containerStopper.stop(id, Duration.ZERO);
            return true;
        }

        private boolean remove(ContainerId id) {
            node.containerRemover.remove(id);
            return true;
        }

        private boolean stop(PodId id) {
            node.stopper.stop(id);
            return true;
        }

        private boolean remove(PodId id) {
            node.remover.remove(id);
            return true;
        }
    }

    private interface Answer {
        void to(Promises promises, String object);
    }

    private static PodSpec spec(String name) {
        return new PodSpec(
                new PodMetadata(name, "default", name, 0),
                name,
                "",
                Optional.empty(),
                List.of(),
                Map.of(),
                Map.of(),
                "",
                PodSecurity.defaults(),
                Map.of(),
                LinuxResources.NONE,
                LIMITS,
                "");
    }

    private static ContainerConfig config(String name) {
        return new ContainerConfig(
                name,
                0,
                ImageSpec.of(IMAGE),
                List.of("sleep"),
                List.of(),
                "/",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                "",
                false,
                false,
                false,
                LinuxResources.NONE,
                ContainerSecurity.defaults(),
                "");
    }

    @Override
    public void restart(SimulatedDisk disk, SimulatedKernel kernel) {
        awaitEnds(new PodNode(disk, kernel, CLIENT), kernel);
    }

    @Override
    public void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises) {
        var node = new PodNode(disk, kernel, CLIENT);
        awaitEnds(node, kernel);
        assertKept(node, promises);
        assertNothingElse(disk, kernel, node);
        node.images.pull(IMAGE);
        for (var name : List.of("first", "second")) {
            requestAgain(node, name, name.equals("first") ? "one" : "two");
        }
        assertNothingElse(disk, kernel, node);
        pods(node).forEach(pod -> node.remover.remove(pod.id()));
        assertNothingElse(disk, kernel, node);
        assertThat(kernel.held()).isEmpty();
        assertThat(node.quarantine.setAside().list()).isEmpty();
    }

    /** As kubelet does: one that is not ready is removed, and what is missing is asked for. */
    private static void requestAgain(PodNode node, String podName, String containerName) {
        find(pods(node), PodCrashTest::name, podName)
                .filter(pod -> pod.state() != PodState.READY)
                .ifPresent(pod -> node.remover.remove(pod.id()));
        var pod = node.starter.start(spec(podName));
        find(containers(node), PodCrashTest::name, containerName)
                .filter(container -> !(container.state() instanceof ContainerState.Created))
                .ifPresent(container -> node.containerRemover.remove(container.id()));
        node.containerStarter.start(node.creator.create(pod, config(containerName)));
    }

    private static void assertKept(PodNode node, Promises promises) {
        promises.mustExist(POD)
                .forEach(name -> assertThat(find(pods(node), PodCrashTest::name, name))
                        .as(name)
                        .isPresent());
        promises.mustBeGone(POD)
                .forEach(name -> assertThat(find(pods(node), PodCrashTest::name, name))
                        .as(name)
                        .isEmpty());
        promises.mustBeGone(CONTAINER)
                .forEach(name -> assertThat(find(containers(node), PodCrashTest::name, name))
                        .as(name)
                        .isEmpty());
        promises.mustExist(CONTAINER)
                .filter(name ->
                        find(pods(node), PodCrashTest::name, podOf(name)).isPresent())
                .forEach(name -> assertThat(find(containers(node), PodCrashTest::name, name))
                        .as(name)
                        .isPresent());
        promises.mustExist(ENDED).forEach(name -> {
            find(pods(node), PodCrashTest::name, name)
                    .ifPresent(pod -> assertThat(pod.state()).isEqualTo(PodState.NOT_READY));
            find(containers(node), PodCrashTest::name, name)
                    .ifPresent(container -> assertThat(container.state())
                            .isInstanceOfSatisfying(
                                    ContainerState.Exited.class,
                                    exited -> assertThat(exited.exitCode()).isEqualTo(137)));
        });
    }

    private static String podOf(String container) {
        return container.equals("one") ? "first" : "second";
    }

    private static String name(Pod pod) {
        return pod.spec().metadata().name();
    }

    private static String name(Container container) {
        return container.config().name();
    }

    private static List<Pod> pods(PodNode node) {
        return node.pods.list(PodFilter.all());
    }

    private static List<Container> containers(PodNode node) {
        return node.containers.list(ContainerFilter.all());
    }

    private static <T> Optional<T> find(List<T> all, Function<T, String> nameOf, String name) {
        return all.stream().filter(each -> nameOf.apply(each).equals(name)).findFirst();
    }

    /** Every file, and everything outside, is that of a pod or a container that is there. */
    private static void assertNothingElse(SimulatedDisk disk, SimulatedKernel kernel, PodNode node) {
        var owners = new HashSet<String>();
        pods(node).forEach(pod -> owners.add(pod.id().hex()));
        containers(node).forEach(container -> owners.add(container.id().hex()));
        assertThat(kernel.held()).allSatisfy(thing -> assertThat(owner(thing)).isIn(owners));
        assertThat(disk.everything().stream()
                        .filter(file ->
                                !PLACES.contains(file) && PLACES.stream().anyMatch(file::startsWith)))
                .allSatisfy(file -> assertThat(owner(file)).isIn(owners));
    }

    /** The last id in it. */
    private static String owner(String thing) {
        return ID.matcher(thing)
                .results()
                .reduce((_, later) -> later)
                .map(match -> match.group())
                .orElse("nobody: " + thing);
    }

    /** What a daemon finds out about processes that are gone it writes down on threads of its own. */
    private static void awaitEnds(PodNode node, SimulatedKernel kernel) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (containers(node).stream()
                .anyMatch(container -> !hasEnded(container) && !kernel.holds("process " + container.id()))) {
            assertThat(System.nanoTime()).as("an end is noticed").isLessThan(deadline);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean hasEnded(Container container) {
        return container.state() instanceof ContainerState.Exited;
    }
}
