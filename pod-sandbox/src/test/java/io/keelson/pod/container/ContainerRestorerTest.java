package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.disk.BootId;
import io.keelson.host.failure.Failure;
import io.keelson.oci.monitor.Exit;
import io.keelson.pod.Damages;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the next daemon finds. */
class ContainerRestorerTest extends ContainerBench {
    private static final Instant STARTED = Instant.ofEpochSecond(1200);

    @BeforeEach
    void pod() {
        ReadyPods.add(pods, podPaths, POD, ReadyPods.spec("web"));
    }

    private ContainerState restoredState() {
        return restored().get(ID.hex()).state();
    }

    @Test
    void oneThatRunsGoesOnAndIsFollowed() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");

        assertThat(restoredState()).isEqualTo(new Running(STARTED));
        assertThat(runtime.followed).hasSize(1);
        assertThat(runtime.done).isEmpty();
    }

    @Test
    void oneThatEndedMeanwhileHasTheCodeAndTimeThatItsMonitorWrote() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");
        processes.forEach(Process::destroyForcibly);
        runtime.exits.put(ID.hex(), new Exit(ID.hex(), 137, ENDED, Optional.of(ENDED)));

        assertThat(restoredState())
                .isEqualTo(new Exited(
                        Optional.of(STARTED),
                        ENDED,
                        137,
                        "OOMKilled",
                        "killed by the kernel for want of memory: it used 1.5 MiB at most;"
                                + " the kernel chose process 7 (hog) of user 1000"));
        assertThat(restoredState()).as("and it is on disk").isEqualTo(restoredState());
    }

    @Test
    @Tag("K2")
    void oneWhoseMonitorWasKilledMeanwhileIsEndedWithACodeThatIsNoSuccess() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }

        assertThat(restoredState()).isInstanceOfSatisfying(Exited.class, exited -> {
            assertThat(exited.exitCode()).isEqualTo(255);
            assertThat(exited.reason()).isEqualTo("Error");
            assertThat(exited.startedAt()).contains(STARTED);
        });
        assertThat(runtime.done).contains("kill " + CGROUP);
    }

    @Test
    @Tag("P3")
    @Tag("exits")
    void oneOfAnotherBootHasEndedThoughItsProcessNumbersAreTaken() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");
        Damages.older(paths.status(ID), "another-boot", BootId.current());

        assertThat(restoredState())
                .isEqualTo(new Exited(Optional.of(STARTED), NOW, 255, "Error", "the node was restarted"));
        assertThat(processes).allMatch(Process::isAlive);
        assertThat(runtime.done).isEmpty();
    }

    @Test
    void oneThatWasLetGoBeforeThatWasWrittenDownRuns() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        runtime.isStarted = true;

        assertThat(restoredState()).isEqualTo(new Running(NOW));
        runtime.isStarted = false;
        assertThat(restoredState()).as("and it is on disk").isEqualTo(new Running(NOW));
    }

    @Test
    void oneThatWaitsToBeStartedStillDoes() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");

        assertThat(restoredState()).isEqualTo(new Created());
    }

    @Test
    void anUnfinishedOneIsTakenBackWithTheProcessesThatWouldMakeIt() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        Files.delete(paths.status(ID));
        // As conmon's command line names its container.
        var maker = process("sh", "-c", "sleep 1000; :", "--cid=" + ID.hex());

        assertThat(restored().list(ContainerFilter.all())).isEmpty();

        assertThat(maker.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(runtime.done).containsExactly("delete " + CGROUP);
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    void oneThatCannotBeTakenBackIsTriedAgainAtTheNextStart() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        Files.delete(paths.status(ID));
        runtime.failing.add("delete");

        assertThat(restored().list(ContainerFilter.all())).isEmpty();
        assertThat(paths.record(ID)).exists();

        runtime.failing.clear();
        restored();
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    void aNumberThatIsTooLargeDoesNotKeepTheOthersFromBeingRestored() throws Exception {
        make(new Exited(Optional.of(STARTED), ENDED, 7, "Error", ""), "SIGTERM", "sleep", "1000");
        Damages.older(paths.status(ID), "\"exitCode\":4294967303", "\"exitCode\":7");
        var other = new ContainerId("ef".repeat(32));
        make(record(other, "/pods/p/d", "SIGTERM"), new Running(STARTED), "sleep", "1000");

        assertThat(restored().list(ContainerFilter.all()))
                .extracting(Container::id)
                .containsExactly(other);
        assertThat(directory.resolve("quarantine").resolve(ID.hex())).isDirectory();
    }

    @ParameterizedTest
    @EnumSource
    void oneWhoseRecordOrStatusIsDamagedIsSetAsideAndItsProcessesAreEnded(Damages damage) throws Exception {
        for (var isRecord : new boolean[] {true, false}) {
            make(new Running(STARTED), "SIGTERM", "sleep", "1000");
            Files.createDirectories(paths.bundle(ID));
            damage.to(isRecord ? paths.record(ID) : paths.status(ID));

            assertThat(restored().list(ContainerFilter.all())).isEmpty();

            assertThat(runtime.done).containsExactly("delete-unknown " + ID);
            assertThat(roots.mounted).isEmpty();
            assertThat(paths.directory(ID)).doesNotExist();
            assertThat(paths.bundle(ID)).doesNotExist();
            assertThat(directory.resolve("quarantine").resolve(ID.hex()).resolve("record.json"))
                    .exists();
            runtime.done.clear();
        }
    }

    @Test
    void aNewerRecordStopsTheStartBeforeAnythingIsTouched() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");
        var unfinished = new ContainerId("ef".repeat(32));
        make(record(unfinished, "/pods/p/d", "SIGTERM"), new Created(), "sleep", "1000");
        Files.delete(paths.status(unfinished));
        Damages.newer(paths.record(ID));

        assertThatThrownBy(this::restored)
                .isInstanceOf(Failure.class)
                .hasMessageContaining(ID.hex())
                .hasMessageContaining("start the newer one again");

        assertThat(runtime.done).isEmpty();
        assertThat(paths.record(unfinished)).exists();
        assertThat(processes).allMatch(Process::isAlive);
    }

    /** The record is written without waiting for the disk; what is complete has a status. */
    @Test
    void oneWhoseRecordAPowerFailureLeftEmptyIsUndoneAndNotSetAside() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        Files.delete(paths.status(ID));
        Files.write(paths.record(ID), new byte[0]);

        assertThat(restored().list(ContainerFilter.all())).isEmpty();

        assertThat(paths.directory(ID)).doesNotExist();
        assertThat(paths.bundle(ID)).doesNotExist();
        assertThat(directory.resolve("quarantine").resolve(ID.hex())).doesNotExist();
        assertThat(runtime.done).contains("delete-unknown " + ID);
    }

    @Test
    void aRecordInAnothersDirectoryIsSetAsideAndHarmsNobody() throws Exception {
        make(new Running(STARTED), "SIGTERM", "sleep", "1000");
        var copy = paths.records().resolve("ef".repeat(32));
        Files.createDirectory(copy);
        Files.copy(paths.record(ID), copy.resolve("record.json"));

        assertThat(restored().list(ContainerFilter.all()))
                .extracting(Container::id)
                .containsExactly(ID);
        assertThat(runtime.done)
                .as("nothing of the other is taken back")
                .containsExactly("delete-unknown " + copy.getFileName());
        assertThat(processes).allMatch(Process::isAlive);
        assertThat(copy).doesNotExist();
    }

    @Test
    void layersOfContainersThatHaveEndedAreInUseUntilTheyAreRemoved() throws Exception {
        make(new Exited(Optional.of(STARTED), ENDED, 7, "Error", ""), "SIGTERM", "sleep", "1000");
        var next = restored();

        assertThat(next.get(ID.hex()).state()).isEqualTo(new Exited(Optional.of(STARTED), ENDED, 7, "Error", ""));
        assertThat(next.layersInUse()).isEqualTo(catalog.layersInUse()).hasSize(1);
    }
}
