package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keelson.host.disk.BootId;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.SecondAttempts;
import io.keelson.host.linux.Inodes;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.record.SetAside;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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
                .containsExactly("wait", "record", "namespaces", "cni", "files", "total");
    }

    @Test
    void inTheHostsNetworkNothingIsAttached() {
        var options = NamespaceOptions.defaults();
        var host = PodSpecDraft.inNamespaces(
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

    @Test
    void aGroupWithLimitsThatCannotBeMadeIsTakenBack() {
        var limited = PodSpecDraft.of(
                FakeNode.spec("web"),
                draft -> draft.resources = new LinuxResources(0, 0, 0, 1 << 20, 0, "", "", Map.of(), Map.of(), 0));
        node.failing.add("limit-cgroup");

        assertThatThrownBy(() -> node.starter.start(limited)).hasMessageContaining("limit-cgroup failed");
        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();

        node.failing.clear();
        var id = node.starter.start(limited);
        assertThat(node.held).contains("cgroup /keelson/" + id);
        node.remover.remove(id);
        assertThat(node.held).isEmpty();
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

    @ParameterizedTest
    @ValueSource(strings = {"unmount", "detach", "unpin", "remove-cgroup"})
    void anUndoThatFailedIsDoneByTheNextDaemon(String undo) {
        node.failing.add("mount");
        node.failing.add(undo);
        assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web"))).hasMessageContaining("mount failed");
        assertThat(node.held).as("what could not be undone").hasSizeLessThanOrEqualTo(1);

        node.failing.clear();
        var again = node.starter.start(FakeNode.spec("web"));
        var next = node.restarted();
        next.restore();

        assertThat(next.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(again);
        assertThat(next.held).allMatch(thing -> thing.contains(again.hex()));
        next.remover.remove(again);
        assertThat(next.held).isEmpty();
        assertThat(next.files()).isEmpty();
    }

    @Test
    void aStatusThatCannotBeWrittenUndoesTheStart() {
        // A directory in its place cannot be written to.
        node.whileAttaching = () -> replaceByDirectory(onlyJournal(node.paths.records()));

        assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot start pod default/web")
                .hasMessageContaining(".json");

        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
        node.whileAttaching = () -> {};
        assertThat(node.catalog.find(node.starter.start(FakeNode.spec("web")).hex()))
                .isPresent();
    }

    private static Path onlyJournal(Path records) {
        try (var children = Files.list(records)) {
            return children.filter(Files::isRegularFile).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replaceByDirectory(Path file) {
        try {
            Files.delete(file);
            Files.createDirectory(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unmount", "detach", "unpin", "remove-cgroup"})
    @Timeout(60)
    void anUndoThatFailedIsTriedAgainByItself(String undo) throws Exception {
        try (var attempts = new SecondAttempts(Duration.ofMillis(1))) {
            node = new FakeNode(directory, attempts);
            node.failing.add("mount");
            node.failing.add(undo);
            assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web"))).hasMessageContaining("mount failed");
            assertThat(node.files())
                    .as("the next daemon finds it, if this one is killed")
                    .isNotEmpty();

            node.failing.clear();

            awaitNothing(node);
            assertThat(node.restarted().files()).isEmpty();
        }
    }

    @Test
    @Timeout(60)
    void anUndoAtTheStartThatFailsIsTriedAgainByItself() throws Exception {
        var id = node.starter.start(FakeNode.spec("half"));
        Damages.cutLastLine(journal(id));
        try (var attempts = new SecondAttempts(Duration.ofMillis(1))) {
            var next = new FakeNode(directory, attempts);
            next.held.addAll(node.held);
            next.failing.add("detach");
            next.restore();
            assertThat(next.held).as("an address that nobody has").contains("address of " + id);

            next.failing.clear();

            awaitNothing(next);
        }
    }

    /** A daemon that is killed between two attempts takes them with it. */
    @Test
    @Tag("K1")
    void anUndoThatWaitsForItsNextAttemptIsTheNextDaemonsAfterAKill() {
        node.failing.add("mount");
        node.failing.add("detach");
        assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web"))).hasMessageContaining("mount failed");
        assertThat(node.held).hasSize(1);

        var next = node.restarted();
        next.restore();

        assertThat(next.held).isEmpty();
        assertThat(next.files()).isEmpty();
        assertThat(next.recalled).containsExactly("nobody knows how");
    }

    /** A pod's journal goes last. Nothing below is looked at before, since that may go meanwhile. */
    private static void awaitNothing(FakeNode node) throws Exception {
        while (!isEmpty(node.paths.records())) {
            Thread.sleep(1);
        }
        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var children = Files.list(directory)) {
            return children.findAny().isEmpty();
        }
    }

    private Path journal(PodId id) {
        return node.paths.journal(id).file();
    }

    @Test
    void allWhoWaitForAPodThatCannotBeMadeHearWhyAndTheNextOneIsMade() throws Exception {
        var attaching = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        node.failing.add("attach");
        node.whileAttaching = () -> {
            attaching.countDown();
            await(go);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = new ArrayList<Future<PodId>>();
            asked.add(threads.submit(() -> node.starter.start(FakeNode.spec("web"))));
            attaching.await();
            asked.add(threads.submit(() -> node.starter.start(FakeNode.spec("web"))));
            go.countDown();

            for (var each : asked) {
                assertThatThrownBy(each::get).hasMessageContaining("attach failed");
            }
        }
        node.failing.clear();
        assertThat(node.catalog.find(node.starter.start(FakeNode.spec("web")).hex()))
                .isPresent();
        assertThat(node.held).hasSize(3);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Root of the pod is 100000 on the host. */
    private static PodSpec withUserNamespace(String name) {
        var mapping = List.of(new IdMapping(100_000, 0, 65_536));
        var user = Optional.of(new UserNamespace(NamespaceMode.POD, mapping, mapping));
        return PodSpecDraft.inNamespaces(
                FakeNode.spec(name),
                new NamespaceOptions(NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "", user));
    }

    /** acl(5): what there is besides the mode. */
    private boolean hasPassage() {
        return Inodes.lgetxattr(node.paths.root(), "system.posix_acl_access").isPresent();
    }

    @Test
    void theRootOfAUserNamespaceHasAPassageUntilThePodIsStopped() {
        var first = node.starter.start(withUserNamespace("first"));
        var second = node.starter.start(withUserNamespace("second"));
        assertThat(hasPassage()).isTrue();

        node.stopper.stop(first);
        assertThat(hasPassage()).isTrue();
        node.stopper.stop(second);
        assertThat(hasPassage()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pin", "attach", "mount"})
    void aPassageIsClosedWhenTheStartFails(String step) {
        node.failing.add(step);

        assertThatThrownBy(() -> node.starter.start(withUserNamespace("web"))).hasMessageContaining(step + " failed");

        assertThat(hasPassage()).isFalse();
        assertThat(node.files()).isEmpty();
    }

    @Test
    void theNextDaemonHasThePassagesOfThePodsThatAreThereAndNoOthers() {
        var stays = node.starter.start(withUserNamespace("stays"));

        var next = node.restarted();
        next.restore();
        assertThat(hasPassage()).isTrue();
        next.stopper.stop(stays);
        assertThat(hasPassage()).isFalse();

        next.passages.open(stays, 200_000);
        next.restarted().restore();
        assertThat(hasPassage())
                .as("of a start that a killed daemon did not finish")
                .isFalse();
    }

    @Test
    void wherePodsCannotHaveUserNamespacesTheyAreRefusedAndNothingIsMade() {
        node.userNamespaceTrouble = Optional.of("the runtime is too old");

        assertThatThrownBy(() -> node.starter.start(withUserNamespace("web")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("the runtime is too old");
        assertThat(node.done).isEmpty();
        assertThat(node.files()).isEmpty();
        node.starter.start(FakeNode.spec("web"));
    }

    @Test
    void podsThatDifferInOnePartOfTheirNameAreDifferentPods() {
        var ids = new HashSet<PodId>();
        for (var metadata : List.of(
                new PodMetadata("web", "default", "1", 0),
                new PodMetadata("web", "default", "1", 1),
                new PodMetadata("web", "default", "2", 0),
                new PodMetadata("web", "other", "1", 0),
                new PodMetadata("web2", "default", "1", 0))) {
            ids.add(node.starter.start(PodSpecDraft.of(FakeNode.spec("web"), draft -> draft.metadata = metadata)));
        }

        assertThat(ids).hasSize(5);
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
            await(go);
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
    @Tag("trap-3")
    void aPodWhoseCallerHasLeftIsMadeAllTheSameAndIsTheRetrys() throws Exception {
        var attaching = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        node.whileAttaching = () -> {
            attaching.countDown();
            await(go);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> node.starter.start(FakeNode.spec("web")));
            attaching.await();
            first.cancel(true);
            var retry = threads.submit(() -> node.starter.start(FakeNode.spec("web")));
            assertThat(node.catalog.list(PodFilter.all())).isEmpty();
            go.countDown();
            var id = retry.get();
            assertThat(node.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(id);
        }
        assertThat(node.done).containsExactly("pin", "attach", "mount");
    }

    @Test
    @Tag("trap-3")
    void anotherConfigurationUnderTheNameIsRefusedAndTheFirstPodStays() {
        var id = node.starter.start(FakeNode.spec("web"));
        var options = NamespaceOptions.defaults();
        var other = PodSpecDraft.inNamespaces(
                FakeNode.spec("web"),
                new NamespaceOptions(options.network(), options.pid(), NamespaceMode.NODE, "", options.user()));

        assertThatThrownBy(() -> node.starter.start(other))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ALREADY_EXISTS))
                .hasMessageContaining(id.hex())
                .hasMessageContaining("different configuration");
        assertThat(node.starter.start(FakeNode.spec("web"))).isEqualTo(id);
    }

    @Test
    @Tag("trap-4")
    void aStartThatFailsAfterItsCallerHasLeftIsUndoneWithoutAnInterrupt() throws Exception {
        var attaching = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var interrupted = new AtomicBoolean();
        node.failing.add("attach");
        node.whileAttaching = () -> {
            attaching.countDown();
            await(go);
        };
        node.whileDetaching = () -> interrupted.set(Thread.currentThread().isInterrupted());
        var undone = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var caller = threads.submit(() -> node.starter.start(FakeNode.spec("web")));
            attaching.await();
            caller.cancel(true);
            var _ = threads.submit(() -> assertThatThrownBy(() -> node.starter.start(FakeNode.spec("web")))
                    .satisfies(failure -> undone.countDown()));
            go.countDown();
            undone.await();
        }
        assertThat(node.done).contains("detach", "unpin");
        assertThat(interrupted).isFalse();
        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("trap-4")
    void aStopOrRemovalWhoseCallerHasLeftIsFinished(boolean removes) throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        var detaching = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        node.whileDetaching = () -> {
            detaching.countDown();
            await(go);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Runnable work = removes ? () -> node.remover.remove(id) : () -> node.stopper.stop(id);
            var caller = threads.submit(work);
            detaching.await();
            caller.cancel(true);
            var retry = threads.submit(work);
            go.countDown();
            retry.get();
        }
        assertThat(node.held).isEmpty();
        assertThat(node.done).containsOnlyOnce("detach");
        assertThat(node.catalog.find(id.hex()).isPresent()).isEqualTo(!removes);
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
        var spec = PodSpecDraft.of(FakeNode.spec("web"), draft -> draft.runtimeHandler = "kata");

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
        next.restore();

        assertThat(next.catalog.get(ready.hex())).isEqualTo(node.catalog.get(ready.hex()));
        assertThat(next.catalog.get(stopped.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(next.restorer.readyPods()).containsExactly(ready.hex());
        assertThat(next.restorer.unreleased()).isEmpty();
        assertThat(next.starter.start(FakeNode.spec("ready"))).isEqualTo(ready);
    }

    @Test
    void afterARestartAnUnfinishedStartIsUndone() throws Exception {
        var id = node.starter.start(FakeNode.spec("half"));
        Damages.cutLastLine(journal(id));

        var next = new FakeNode(directory);
        next.restore();

        assertThat(next.done).contains("detach", "unpin", "unmount", "remove-cgroup");
        assertThat(next.files()).isEmpty();
        assertThat(next.catalog.list(PodFilter.all())).isEmpty();
    }

    /** Each may take as long as its plugins do. */
    @Test
    @Timeout(30)
    void unfinishedStartsAreUndoneAtTheSameTime() throws Exception {
        for (var name : List.of("one", "other")) {
            Damages.cutLastLine(journal(node.starter.start(FakeNode.spec(name))));
        }

        var next = new FakeNode(directory);
        var both = new CyclicBarrier(2);
        next.whileDetaching = () -> meet(both);
        next.restore();

        assertThat(both.isBroken()).isFalse();
        assertThat(next.files()).isEmpty();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("the other one did not come", e);
        }
    }

    @Test
    void aPodWhoseNamespacesAreGoneIsNotReadyAndHasStillToBeReleased() throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        Files.delete(node.paths.namespaces(id).network());

        var next = new FakeNode(directory);
        next.restore();

        assertThat(next.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(next.restorer.unreleased()).containsExactly(id);
        assertThat(next.restorer.readyPods()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"remove-containers", "remove-cgroup"})
    void aRemovalWhoseStepFailsIsFinishedByTheNext(String step) {
        var id = node.starter.start(FakeNode.spec("web"));
        node.failing.add(step);

        assertThatThrownBy(() -> node.remover.remove(id)).hasMessageContaining(step + " failed");
        assertThat(node.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);

        node.failing.clear();
        node.remover.remove(id);
        assertThat(node.files()).isEmpty();
        assertThat(node.done.stream().filter("detach"::equals))
                .as("released once")
                .hasSize(1);
    }

    @Test
    void containersAreEndedBeforeWhatTheyUseIsTakenAway() {
        var id = node.starter.start(FakeNode.spec("web"));
        node.done.clear();

        node.remover.remove(id);

        assertThat(node.done)
                .containsExactly("stop-containers", "detach", "unpin", "unmount", "remove-containers", "remove-cgroup");
    }

    @Test
    void nothingIsMadeInAPodThatIsStopped() {
        var id = node.starter.start(FakeNode.spec("web"));
        assertThat(node.catalog.whileReady(id, () -> "made")).isEqualTo("made");
        node.failing.add("detach");
        assertThatThrownBy(() -> node.stopper.stop(id)).isInstanceOf(Failure.class);

        assertThatThrownBy(() -> node.catalog.whileReady(id, () -> "made"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE));
    }

    @Test
    @Tag("P3")
    void afterAnotherBootAPodIsNotReadyAndItsNetworkIsTakenBack() throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        Damages.replaceInLastLine(journal(id), BootId.current(), "another-boot");

        var next = node.restarted();
        next.restore();
        assertThat(next.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
        assertThat(next.catalog.get(id.hex()).addresses()).isEmpty();
        next.restorer.unreleased().forEach(next.stopper::stop);

        assertThat(next.done).contains("detach");
        assertThat(next.recalled).containsExactly(id.hex());
        assertThat(next.held).noneMatch(thing -> thing.startsWith("address"));
        assertThat(next.restorer.unreleased()).isEmpty();
        var third = next.restarted();
        third.restore();
        assertThat(third.restorer.unreleased())
                .as("it is on disk that all is released")
                .isEmpty();
    }

    @Test
    void theInitOfAnUnfinishedStartIsEnded() throws Exception {
        var id = node.starter.start(FakeNode.spec("half"));
        Damages.cutLastLine(journal(id));
        var builder = new ProcessBuilder("sleep", "1000");
        builder.environment().put("KEELSON_POD", node.paths.stateDirectory(id).toString());
        var init = builder.start();
        try {
            node.restarted().restore();

            assertThat(init.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            init.destroyForcibly();
        }
    }

    private static void awaitNotReady(FakeNode node, PodId id) throws InterruptedException {
        while (node.catalog.get(id.hex()).state() == PodState.READY) {
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(30)
    void aPodWhoseInitHasEndedIsNotReadyAtOnce() throws Exception {
        var process = new ProcessBuilder("sleep", "1000").start();
        try {
            node.init = ProcessIdentity.of(process.pid());
            var id = node.starter.start(FakeNode.spec("web"));
            assertThat(node.catalog.get(id.hex()).state()).isEqualTo(PodState.READY);

            process.destroyForcibly();

            awaitNotReady(node, id);
            assertThat(node.held).as("a stop takes it back").isNotEmpty();
            node.stopper.stop(id);
            assertThat(node.held).doesNotContain("address of " + id);
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Timeout(30)
    void theInitOfARestoredPodIsWatchedAsWell(boolean endsBefore) throws Exception {
        var process = new ProcessBuilder("sleep", "1000").start();
        try {
            node.init = ProcessIdentity.of(process.pid());
            var id = node.starter.start(FakeNode.spec("web"));
            if (endsBefore) {
                process.destroyForcibly().waitFor();
            }
            var next = node.restarted();
            next.restore();
            assertThat(next.catalog.get(id.hex()).state()).isEqualTo(endsBefore ? PodState.NOT_READY : PodState.READY);

            process.destroyForcibly();

            awaitNotReady(next, id);
            // The daemon before it, which a restart ends, writes as well here.
            awaitNotReady(node, id);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @Tag("P2")
    void whatAPodOfADamagedRecordHoldsIsTakenBack() throws Exception {
        var id = node.starter.start(FakeNode.spec("bad"));
        Files.writeString(journal(id), "{");

        var next = node.restarted();
        next.restore();

        assertThat(next.held).isEmpty();
        assertThat(next.files()).isEmpty();
        assertThat(setAside(id)).content().isEqualTo("{");
    }

    private Path setAside(PodId id) {
        return directory.resolve("quarantine").resolve(id + ".json");
    }

    @ParameterizedTest
    @EnumSource
    @Tag("P2")
    void aDamagedJournalIsToldAndNothingOfItsPodStays(Damages damage) throws Exception {
        var id = node.starter.start(FakeNode.spec("bad"));
        damage.to(journal(id));

        node = node.restarted();
        node.restore();

        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
        assertThat(node.quarantine.setAside().list())
                .extracting(SetAside.Kept::place)
                .containsExactly(setAside(id));
        assertThat(node.restarted().quarantine.setAside().list()).hasSize(1);
    }

    /** That has an end and is wrong was damaged; that has none was being written when the power went, and nobody was told of it. */
    @ParameterizedTest
    @EnumSource
    @Tag("P2")
    void aDamagedStatusIsToldAndOneThatWasCutOffWasNever(Damages damage) throws Exception {
        var id = node.starter.start(FakeNode.spec("bad"));
        damage.toLastLine(journal(id));

        node = node.restarted();
        node.restore();

        assertThat(node.held).isEmpty();
        assertThat(node.files()).isEmpty();
        assertThat(node.quarantine.setAside().list()).hasSize(damage == Damages.FLIPPED ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY", "TORN", "ZEROED"})
    @Tag("P1")
    void theStatusBeforeOneThatWasCutOffCountsAndTheNextComesInItsPlace(Damages damage) throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        node.stopper.stop(id);
        damage.toLastLine(journal(id));

        var next = node.restarted();
        next.restore();
        assertThat(next.restorer.unreleased()).containsExactly(id);
        next.stopper.stop(id);

        var third = next.restarted();
        third.restore();
        assertThat(third.restorer.unreleased()).isEmpty();
        assertThat(third.catalog.get(id.hex()).state()).isEqualTo(PodState.NOT_READY);
    }

    /** That would be two fsyncs, and need room on a disk that is full. */
    @Test
    void theJournalOfALargePodIsNotWrittenAnewForEachStatus() throws Exception {
        var large = PodSpecDraft.of(
                FakeNode.spec("large"), draft -> draft.annotations = Map.of("large", "x".repeat(400 * 1024)));
        var id = node.starter.start(large);
        var before = Files.getAttribute(journal(id), "unix:ino");

        node.stopper.stop(id);

        assertThat(Files.getAttribute(journal(id), "unix:ino")).isEqualTo(before);
    }

    @Test
    void aJournalDoesNotGrowForEver() throws Exception {
        var id = node.starter.start(FakeNode.spec("web"));
        var longest = 0L;
        for (var i = 0; i < 400; i++) {
            node.updater.update(id, Optional.empty(), Optional.empty());
            longest = Math.max(longest, Files.size(journal(id)));
        }

        assertThat(longest).isLessThan(300 * 1024);
        assertThat(Files.size(journal(id))).as("it was written anew").isLessThan(longest);
        var next = node.restarted();
        next.restore();
        assertThat(next.catalog.get(id.hex()).state()).isEqualTo(PodState.READY);
    }

    @Test
    void aNewerRecordStopsTheStartBeforeAnythingIsTouched() throws Exception {
        var newer = node.starter.start(FakeNode.spec("newer"));
        var unfinished = node.starter.start(FakeNode.spec("unfinished"));
        Damages.cutLastLine(journal(unfinished));
        Damages.newer(journal(newer));
        var before = node.files();

        var next = node.restarted();

        assertThatThrownBy(next::restore)
                .isInstanceOf(Failure.class)
                .hasMessageContaining(newer.hex())
                .hasMessageContaining("start the newer one again");
        assertThat(next.files()).isEqualTo(before);
        assertThat(next.held).isEqualTo(node.held);
        assertThat(next.quarantine.setAside().list()).isEmpty();
    }

    /** Two files in the pod's directory, of either version, and what a kill between any two steps leaves. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void recordsFromBeforeThereWereJournalsAreReadAndMigrated(boolean isFirstVersion) throws Exception {
        var id = node.starter.start(FakeNode.spec("old"));
        var sealed = Files.readString(journal(id));
        asTwoFiles(id, isFirstVersion);
        var record = node.paths.directory(id).resolve("record.json");
        var left = Files.readAllBytes(record);

        var next = node.restarted();
        next.restore();
        assertThat(next.catalog.get(id.hex()).state()).isEqualTo(PodState.READY);
        Files.write(record, left);
        var third = next.restarted();
        third.restore();

        assertThat(third.catalog.get(id.hex())).isEqualTo(node.catalog.get(id.hex()));
        assertThat(journal(id)).hasContent(sealed);
        assertThat(record).doesNotExist();
        assertThat(record.resolveSibling("status.json")).doesNotExist();
    }

    @Test
    void anUnfinishedStartFromBeforeThereWereJournalsIsUndone() throws Exception {
        var id = node.starter.start(FakeNode.spec("old"));
        asTwoFiles(id, true);
        Files.delete(node.paths.directory(id).resolve("status.json"));

        var next = node.restarted();
        next.restore();

        assertThat(next.held).isEmpty();
        assertThat(next.files()).isEmpty();
    }

    private void asTwoFiles(PodId id, boolean isFirstVersion) throws IOException {
        var lines = Files.readAllLines(journal(id));
        Files.delete(journal(id));
        var names = List.of("record.json", "status.json");
        for (var i = 0; i < names.size(); i++) {
            var file = Files.writeString(node.paths.directory(id).resolve(names.get(i)), lines.get(i));
            if (isFirstVersion) {
                Damages.older(file, "", "");
            }
        }
    }

    @Test
    void aRecordUnderAnotherPodsNameIsSetAsideAndHarmsNobody() throws Exception {
        var good = node.starter.start(FakeNode.spec("good"));
        var copy = journal(new PodId("ab".repeat(32)));
        Files.copy(journal(good), copy);

        var next = node.restarted();
        next.restore();

        assertThat(next.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(good);
        assertThat(next.held).isEqualTo(node.held);
        assertThat(copy).doesNotExist();
    }

    @Test
    void aStatusThatSaysSomethingUnknownIsSetAsideAsWell() throws Exception {
        var id = node.starter.start(FakeNode.spec("bad"));
        Damages.replaceInLastLine(journal(id), "READY", "SOMETHING");

        var next = node.restarted();
        next.restore();

        assertThat(next.catalog.list(PodFilter.all())).isEmpty();
        assertThat(next.held).isEmpty();
        assertThat(setAside(id)).exists();
    }

    @Test
    void whatIsNobodysAmongTheRecordsIsTakenAway() throws Exception {
        node.starter.start(FakeNode.spec("web"));
        var before = node.files();
        var directory = Files.createDirectory(node.paths.records().resolve("cd".repeat(32)));
        Files.writeString(directory.resolve("hosts"), "of a pod that a power failure took away");
        Files.writeString(node.paths.records().resolve("ef".repeat(32) + ".json.3.tmp"), "{");

        node.restarted().restore();

        assertThat(node.files()).isEqualTo(before);
    }

    @Test
    void theSameRecordCanBeSetAsideTwice() throws Exception {
        var quarantine = new Quarantine(directory.resolve("quarantine"));
        for (var text : List.of("first", "second")) {
            var record = Files.createDirectories(directory.resolve("x"));
            Files.writeString(record.resolve("record.json"), text);
            quarantine.take(record, "a reason");
        }

        assertThat(directory.resolve("quarantine/x/record.json")).hasContent("second");
        assertThat(directory.resolve("x")).doesNotExist();
    }

    @Test
    void aRecordWithANumberThatIsTooLargeDoesNotKeepTheOthersFromBeingRestored() throws Exception {
        var bad = node.starter.start(FakeNode.spec("bad"));
        var good = node.starter.start(FakeNode.spec("good"));
        Damages.cutLastLine(journal(bad));
        Damages.replaceInLastLine(journal(bad), "\"attempt\":0", "\"attempt\":4294967296");

        var next = node.restarted();
        next.restore();

        assertThat(next.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(good);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"version\":99}", "\u0000"})
    void aDamagedRecordIsSetAsideAndTheOthersAreRestored(String text) throws Exception {
        var bad = node.starter.start(FakeNode.spec("bad"));
        var good = node.starter.start(FakeNode.spec("good"));
        Files.writeString(journal(bad), text);

        var next = new FakeNode(directory);
        next.restore();

        assertThat(next.catalog.list(PodFilter.all())).extracting(Pod::id).containsExactly(good);
        assertThat(directory.resolve("quarantine")).isNotEmptyDirectory();
        assertThat(node.paths.directory(bad)).doesNotExist();
        assertThat(journal(bad)).doesNotExist();
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

    @Test
    void aBeginningThatFitsTwoIsNobodys() {
        // Of 17 ids two begin alike.
        var ids = new ArrayList<String>();
        for (var i = 0; i < 17; i++) {
            ids.add(node.starter.start(FakeNode.spec("pod" + i)).hex());
        }
        var shared = ids.stream()
                .map(id -> id.substring(0, 1))
                .filter(first -> ids.stream().filter(id -> id.startsWith(first)).count() > 1)
                .findFirst()
                .orElseThrow();

        assertThat(node.catalog.find(shared)).isEmpty();
        assertThatThrownBy(() -> node.catalog.get(shared))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT));
        assertThat(node.catalog.list(new PodFilter(shared, Optional.empty(), Map.of())))
                .as("a filter is not a name")
                .hasSizeGreaterThan(1);
    }

    @Test
    void aFilterTakesWhatAllOfItAppliesTo() {
        var web = node.starter.start(FakeNode.spec("web"));
        var db = node.starter.start(FakeNode.spec("db"));
        node.stopper.stop(db);

        assertThat(filtered(new PodFilter("", Optional.of(PodState.READY), Map.of())))
                .containsExactly(web);
        assertThat(filtered(new PodFilter("", Optional.of(PodState.NOT_READY), Map.of())))
                .containsExactly(db);
        assertThat(filtered(new PodFilter("", Optional.empty(), Map.of("app", "db"))))
                .containsExactly(db);
        assertThat(filtered(new PodFilter("", Optional.empty(), Map.of("app", ""))))
                .isEmpty();
        assertThat(filtered(new PodFilter(web.hex(), Optional.empty(), Map.of("app", "db"))))
                .isEmpty();
        assertThat(filtered(new PodFilter(web.hex(), Optional.of(PodState.NOT_READY), Map.of())))
                .isEmpty();
    }

    private List<PodId> filtered(PodFilter filter) {
        return node.catalog.list(filter).stream().map(Pod::id).toList();
    }
}
