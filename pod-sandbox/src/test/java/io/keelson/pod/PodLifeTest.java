package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keelson.host.failure.Failure;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods come and go, whatever step fails. */
class PodLifeTest {
    @TempDir
    Path directory;

    private FakeNode node;

    @BeforeEach
    void start() {
        node = new FakeNode(directory);
    }

    @Test
    void aPodIsReadyAndItsStepsComeInOrder() {
        var id = node.starter.start(FakeNode.spec("web"));

        var pod = node.catalog.get(id.hex());
        assertThat(pod.state()).isEqualTo(PodState.READY);
        assertThat(pod.spec()).isEqualTo(FakeNode.spec("web"));
        assertThat(pod.addresses().orElseThrow().additional()).containsExactly("fd00::3");
        assertThat(node.done).containsExactly("pin", "attach", "mount");
        assertThat(pod.startTimeline().microsByStep().keySet())
                .containsExactly("record", "namespaces", "cni", "files", "total");
    }

    @Test
    void inTheHostsNetworkNothingIsAttached() {
        var options = NamespaceOptions.defaults();
        var host = FakeNode.withNamespaces(
                FakeNode.spec("host"),
                new NamespaceOptions(NamespaceMode.NODE, options.pid(), options.ipc(), "", options.user()));

        var id = node.starter.start(host);
        node.remover.remove(id);

        assertThat(node.done).doesNotContain("attach", "detach");
        assertThat(node.held).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin", "attach", "mount"})
    void aStepThatFailsIsUndoneWithAllBeforeIt(String step) {
        node.failing.add(step);

        assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageContaining("cannot start pod default/web")
                .hasMessageContaining(step + " failed");

        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
        assertThat(node.catalog.list(PodFilter.all())).isEmpty();
        node.failing.clear();
        assertThat(node.catalog
                        .get(node.starter.start(FakeNode.spec("web")).hex())
                        .state())
                .isEqualTo(PodState.READY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unmount", "detach", "unpin", "remove-cgroup"})
    void anUndoThatFailsDoesNotStopTheOthers(String undo) {
        node.failing.add("mount");
        node.failing.add(undo);

        var failure = catchThrowableOfType(Failure.class, () -> node.starter.start(FakeNode.spec("web")));

        assertThat(failure).hasMessageContaining("mount failed");
        assertThat(node.done).contains("unmount", "detach", "unpin", "remove-cgroup");
        assertThat(node.catalog.list(PodFilter.all())).isEmpty();
    }

    @Test
    void theSamePodAskedForAgainIsTheSameOne() {
        var id = node.starter.start(FakeNode.spec("web"));

        assertThat(node.starter.start(FakeNode.spec("web"))).isEqualTo(id);
        assertThat(node.done).containsOnlyOnce("attach");
    }

    @Test
    void whoAsksForAPodThatIsBeingMadeGetsThatOne() throws Exception {
        var attaching = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        node.whileAttaching = () -> {
            attaching.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new ArrayList<Future<PodId>>();
            asked.add(threads.submit(() -> node.starter.start(FakeNode.spec("web"))));
            attaching.await();
            for (var i = 0; i < 5; i++) {
                asked.add(threads.submit(() -> node.starter.start(FakeNode.spec("web"))));
            }
            assertThat(node.catalog.list(PodFilter.all()))
                    .as("what is not ready is not seen")
                    .isEmpty();
            go.countDown();

            var ids = new ArrayList<PodId>();
            for (var each : asked) {
                ids.add(each.get());
            }
            assertThat(ids).containsOnly(ids.getFirst());
        }
        assertThat(node.done).containsOnlyOnce("attach");
    }

    @Test
    void theNameOfAStoppedPodIsTakenUntilItIsRemoved() {
        var id = node.starter.start(FakeNode.spec("web"));
        node.stopper.stop(id);

        assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web"))).hasMessageContaining(id.hex());
        node.remover.remove(id);
        assertThat(node.starter.start(FakeNode.spec("web"))).isNotEqualTo(id);
    }

    @Test
    void anUnknownHandlerIsRefusedBeforeAnythingIsDone() {
        var given = FakeNode.spec("web");
        var spec = new PodSpec(
                given.metadata(),
                given.hostname(),
                given.logDirectory(),
                given.dns(),
                given.ports(),
                given.labels(),
                given.annotations(),
                given.cgroupParent(),
                given.security(),
                given.sysctls(),
                given.overhead(),
                given.resources(),
                "kata");

        assertThatThrownBy(() -> node.starter.start(spec)).hasMessageContaining("\"kata\"");
        assertThat(node.done).isEmpty();
    }

    @Test
    void aStoppedPodHoldsNothingAndStaysListed() {
        var id = node.starter.start(FakeNode.spec("web"));

        node.stopper.stop(id);
        node.stopper.stop(id);

        assertThat(node.held).isEmpty();
        assertThat(node.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(node.done).containsOnlyOnce("detach");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop-containers", "detach", "unpin", "unmount"})
    void aStopWhoseStepFailsDoesTheOthersAndIsFinishedByTheNext(String step) {
        var id = node.starter.start(FakeNode.spec("web"));
        node.failing.add(step);

        assertThatThrownBy(() -> node.stopper.stop(id)).hasMessageContaining("cannot stop pod " + id);
        assertThat(node.done).contains("stop-containers", "detach", "unpin", "unmount");
        assertThat(node.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThatThrownBy(() -> node.remover.remove(id)).isInstanceOf(Failure.class);
        assertThat(node.catalog.find(id.hex()))
                .as("what it holds is not forgotten")
                .isPresent();

        node.failing.clear();
        node.remover.remove(id);
        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
    }

    @Test
    void aRemovedPodLeavesNothingAndIsGoneForEveryCall() {
        var id = node.starter.start(FakeNode.spec("web"));

        node.remover.remove(id);
        node.remover.remove(id);
        node.stopper.stop(id);

        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
        assertThat(node.catalog.find(id.hex())).isEmpty();
    }

    @Test
    void afterARestartPodsAreAsTheyWere() {
        var ready = node.starter.start(FakeNode.spec("ready"));
        var stopped = node.starter.start(FakeNode.spec("stopped"));
        node.stopper.stop(stopped);

        var next = new FakeNode(directory);
        next.restorer.restore();

        assertThat(next.catalog.get(ready.hex())).isEqualTo(node.catalog.get(ready.hex()));
        assertThat(next.catalog.get(stopped.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(next.restorer.readyPods()).containsExactly(ready.hex());
        assertThat(next.restorer.unreleased()).isEmpty();
        assertThat(next.starter.start(FakeNode.spec("ready"))).isEqualTo(ready);
    }

    @Test
    void afterARestartAnUnfinishedStartIsUndone() throws Exception {
        var id = node.starter.start(FakeNode.spec("half"));
        Files.delete(node.paths.status(id));

        var next = new FakeNode(directory);
        next.restorer.restore();

        assertThat(next.done).contains("detach", "unpin", "unmount", "remove-cgroup");
        assertThat(next.files()).isEmpty();
        assertThat(next.catalog.list(PodFilter.all())).isEmpty();
    }

    @Test
    void aPodWhoseNamespacesAreGoneIsNotReadyAndHasStillToBeReleased() throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        Files.delete(node.paths.namespaces(id).network());

        var next = new FakeNode(directory);
        next.restorer.restore();

        assertThat(next.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(next.restorer.unreleased()).containsExactly(id);
        assertThat(next.restorer.readyPods()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"version\":99}", "\u0000"})
    void aDamagedRecordIsSetAsideAndTheOthersAreRestored(String text) throws Exception {
        var bad = node.starter.start(FakeNode.spec("bad"));
        var good = node.starter.start(FakeNode.spec("good"));
        Files.writeString(node.paths.record(bad), text);

        var next = new FakeNode(directory);
        next.restorer.restore();

        assertThat(next.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(good);
        assertThat(directory.resolve("quarantine")).isNotEmptyDirectory();
        assertThat(node.paths.directory(bad)).doesNotExist();
    }

    @Test
    void podsAreFoundByTheirIdsBeginningIfItIsOnlyTheirs() {
        var first = node.starter.start(FakeNode.spec("first"));
        node.starter.start(FakeNode.spec("second"));

        assertThat(node.catalog.get(first.hex().substring(0, 20)).id()).isEqualTo(first);
        assertThat(node.catalog.find("")).isEmpty();
        assertThat(node.catalog.find("f".repeat(64))).isEmpty();
        assertThat(List.copyOf(node.catalog.list(PodFilter.all()))).hasSize(2);
    }
}
