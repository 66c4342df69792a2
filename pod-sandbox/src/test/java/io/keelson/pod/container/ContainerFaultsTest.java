package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.monitor.Exit;
import io.keelson.pod.PodId;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Containers whose steps fail, one and several of a pod. */
class ContainerFaultsTest extends ContainerBench {
    private static final ContainerId SECOND = new ContainerId("ef".repeat(32));
    private static final String SECOND_CGROUP = "/pods/p/d";

    @Test
    void anEndIsWrittenDownThoughWhatIsLeftCannotBeKilled() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.failing.add("kill");

        ends.ended(new Exit(ID.hex(), 3, ENDED, Optional.empty()));

        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.exitCode()).isEqualTo(3));
        stopper.stop(ID, Duration.ZERO);
    }

    @Test
    void aContainerWithoutAMonitorHasEndedThoughItCannotBeKilledAtOnce() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        ends.follow(catalog.require(ID));
        runtime.failing.add("kill");

        runtime.followed.values().forEach(Runnable::run);

        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.exitCode()).isEqualTo(255));
    }

    @Test
    void whyAStartFailedIsToldThoughTheRestCannotBeKilled() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        runtime.failing.add("start");
        runtime.failing.add("kill");
        var starter = new ContainerStarter(catalog, runtime, InstantSource.fixed(NOW));

        assertThatThrownBy(() -> starter.start(ID)).hasMessageContaining("start failed");

        assertThat(state()).isInstanceOfSatisfying(Exited.class, exited -> {
            assertThat(exited.reason()).isEqualTo("StartError");
            assertThat(exited.message()).isEqualTo("start failed");
        });
    }

    @Test
    void aContainerThatWasNeverThereCannotBeStarted() {
        var starter = new ContainerStarter(catalog, runtime, InstantSource.fixed(NOW));

        assertThatThrownBy(() -> starter.start(ID))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ABSENT))
                .hasMessageContaining("no such container");
        remover.remove(ID);
        assertThat(runtime.done).isEmpty();
    }

    @Test
    void oneThatWasCreatedAndNeverStartedIsKilledAtOnceWithoutASignal() throws Exception {
        var init = make(new Created(), "SIGTERM", "sleep", "1000");
        runtime.whenKilled = () -> ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));

        stopper.stop(ID, Duration.ofMinutes(5));

        assertThat(init.isAlive()).as("nobody sent SIGTERM").isTrue();
        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.startedAt()).isEmpty());
    }

    @Test
    void aContainerThatRunsIsKilledBeforeItIsRemoved() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.whenKilled = () -> ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));

        remover.remove(ID);

        assertThat(runtime.done).first().isEqualTo("kill " + CGROUP);
        assertThat(runtime.done).last().isEqualTo("delete " + CGROUP);
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    void oneThatTheRuntimeCannotDeleteStaysAndIsRemovedByTheNextCall() throws Exception {
        make(new Exited(Optional.of(NOW), ENDED, 0, "Completed", ""), "SIGTERM", "sleep", "1000");
        runtime.failing.add("delete");

        assertThatThrownBy(() -> remover.remove(ID)).hasMessageContaining("delete failed");
        assertThat(roots.unmounted).as("its processes may still be there").isEmpty();
        assertThat(catalog.find(ID.hex())).isPresent();
        assertThat(paths.record(ID)).exists();

        runtime.failing.clear();
        remover.remove(ID);
        assertThat(paths.directory(ID)).doesNotExist();
    }

    private void makeTwo() throws Exception {
        var ended = new Exited(Optional.of(NOW), ENDED, 0, "Completed", "");
        make(record(ID, CGROUP, "SIGTERM"), ended, "sleep", "1000");
        make(record(SECOND, SECOND_CGROUP, "SIGTERM"), ended, "sleep", "1000");
    }

    @Test
    void oneContainerThatCannotBeRemovedDoesNotKeepTheOthersOfItsPod() throws Exception {
        makeTwo();
        runtime.failing.add("delete " + CGROUP);
        // The other one takes its time.
        roots.unmountTakes = Duration.ofMillis(300);

        assertThatThrownBy(() -> remover.removeAll(POD)).hasMessageContaining("delete failed");

        assertThat(catalog.find(ID.hex())).isPresent();
        assertThat(catalog.find(SECOND.hex())).isEmpty();
        assertThat(paths.directory(SECOND)).doesNotExist();
    }

    @Test
    void oneContainerThatCannotBeKilledDoesNotKeepTheOthersOfItsPod() throws Exception {
        make(record(ID, CGROUP, "SIGTERM"), new Running(NOW), "sleep", "1000");
        make(record(SECOND, SECOND_CGROUP, "SIGTERM"), new Running(NOW), "sleep", "1000");
        runtime.failing.add("kill " + CGROUP);
        runtime.whenKilled = () -> Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(Duration.ofMillis(300));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            ends.ended(new Exit(SECOND.hex(), 137, ENDED, Optional.empty()));
        });

        assertThatThrownBy(() -> remover.stopAll(POD))
                .hasMessageContaining("kill failed")
                .hasMessageNotContaining("interrupted");

        assertThat(catalog.get(SECOND.hex()).state().kind()).isEqualTo(ContainerState.Kind.EXITED);
    }

    @Test
    void containersOfOtherPodsAreLeftAlone() throws Exception {
        makeTwo();

        remover.removeAll(new PodId("12".repeat(32)));

        assertThat(catalog.list(ContainerFilter.all())).hasSize(2);
        assertThat(runtime.done).isEmpty();
    }
}
