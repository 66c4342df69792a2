package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistrySettings;
import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import io.keelson.pod.PodState;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
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
    static final int IN_CHECK = 1400;
    private static final int TWICE = 100;
    private static final String POD = "pod";
    private static final String CONTAINER = "container";
    private static final String ENDED = "ended";

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

        var states = new CrashStates("pods and containers", journal, this, IN_CHECK);
        states.assertReplays(TWICE);

        states.run();
    }

    /** What happens in a run that nothing disturbs. */
    private static final class Life {
        final Journal journal = new Journal();
        private final SimulatedDisk disk = new SimulatedDisk(journal);
        private final PodNode node = new PodNode(disk, new SimulatedKernel(journal), CLIENT);

        Life() {
            REGISTRY.whenAsked(documents -> disk.order(
                    Set.of("layer-convert"),
                    documents.stream()
                            .map(digest -> "/root/images/blobs/sha256/" + digest)
                            .toList()));
            node.images.pull(IMAGE);
            REGISTRY.whenAsked(_ -> {});
            var first = asked("first", POD, Promises::exists, () -> node.starter.start(PodWorld.spec("first")));
            var one = asked(
                    "one",
                    CONTAINER,
                    Promises::exists,
                    () -> node.creator.create(first, PodWorld.config(IMAGE, "one")));
            node.containerStarter.start(one);
            var second = asked("second", POD, Promises::exists, () -> node.starter.start(PodWorld.spec("second")));
            var two = asked(
                    "two",
                    CONTAINER,
                    Promises::exists,
                    () -> node.creator.create(second, PodWorld.config(IMAGE, "two")));
            node.containerStarter.start(two);
            asked("one", ENDED, Promises::exists, () -> stop(one));
            asked("one", CONTAINER, Promises::gone, () -> remove(one));
            asked("first", ENDED, Promises::exists, () -> stop(first));
            asked("first", POD, Promises::gone, () -> remove(first));
            asked("first", POD, Promises::exists, () -> node.starter.start(PodWorld.spec("first")));
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

    @Override
    public void restart(SimulatedDisk disk, SimulatedKernel kernel) {
        var _ = new PodNode(disk, kernel, CLIENT);
    }

    @Override
    public void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises) {
        var node = new PodNode(disk, kernel, CLIENT);
        assertKept(node, promises);
        PodWorld.assertNothingElse(disk, kernel, node);
        node.images.pull(IMAGE);
        for (var name : List.of("first", "second")) {
            requestAgain(node, name, name.equals("first") ? "one" : "two");
        }
        PodWorld.assertNothingElse(disk, kernel, node);
        PodWorld.pods(node).forEach(pod -> node.remover.remove(pod.id()));
        PodWorld.assertNothingElse(disk, kernel, node);
        assertThat(kernel.held()).isEmpty();
        assertThat(node.quarantine.setAside().list()).isEmpty();
    }

    /** As kubelet does: one that is not ready is removed, and what is missing is asked for. */
    private static void requestAgain(PodNode node, String podName, String containerName) {
        find(PodWorld.pods(node), PodCrashTest::name, podName)
                .filter(pod -> pod.state() != PodState.READY)
                .ifPresent(pod -> node.remover.remove(pod.id()));
        var pod = node.starter.start(PodWorld.spec(podName));
        find(PodWorld.containers(node), PodCrashTest::name, containerName)
                .filter(container -> !(container.state() instanceof ContainerState.Created))
                .ifPresent(container -> node.containerRemover.remove(container.id()));
        node.containerStarter.start(node.creator.create(pod, PodWorld.config(IMAGE, containerName)));
    }

    private static void assertKept(PodNode node, Promises promises) {
        promises.mustExist(POD)
                .forEach(name -> assertThat(find(PodWorld.pods(node), PodCrashTest::name, name))
                        .as(name)
                        .isPresent());
        promises.mustBeGone(POD)
                .forEach(name -> assertThat(find(PodWorld.pods(node), PodCrashTest::name, name))
                        .as(name)
                        .isEmpty());
        promises.mustBeGone(CONTAINER)
                .forEach(name -> assertThat(find(PodWorld.containers(node), PodCrashTest::name, name))
                        .as(name)
                        .isEmpty());
        promises.mustExist(CONTAINER)
                .filter(name -> find(PodWorld.pods(node), PodCrashTest::name, podOf(name))
                        .isPresent())
                .forEach(name -> assertThat(find(PodWorld.containers(node), PodCrashTest::name, name))
                        .as(name)
                        .isPresent());
        promises.mustExist(ENDED).forEach(name -> {
            find(PodWorld.pods(node), PodCrashTest::name, name)
                    .ifPresent(pod -> assertThat(pod.state()).isEqualTo(PodState.NOT_READY));
            find(PodWorld.containers(node), PodCrashTest::name, name)
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

    private static <T> Optional<T> find(List<T> all, Function<T, String> nameOf, String name) {
        return all.stream().filter(each -> nameOf.apply(each).equals(name)).findFirst();
    }
}
