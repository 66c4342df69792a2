package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.monitor.Exit;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers that were made, to their end, with processes that are real and a runtime that is not. */
class ContainerLifeTest extends ContainerBench {
    @Test
    void oneThatWasCreatedIsStartedOnce() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        var starter = new ContainerStarter(catalog, runtime, InstantSource.fixed(NOW));

        starter.start(ID);

        assertThat(state()).isEqualTo(new Running(NOW));
        assertThatThrownBy(() -> starter.start(ID))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("RUNNING");
        assertThat(runtime.done).containsExactly("start crun");
    }

    @Test
    void oneThatCannotBeStartedHasEndedWithTheRuntimesWords() throws Exception {
        make(new Created(), "SIGTERM", "sleep", "1000");
        runtime.failing.add("start");
        var starter = new ContainerStarter(catalog, runtime, InstantSource.fixed(NOW));

        assertThatThrownBy(() -> starter.start(ID)).hasMessageContaining("start failed");

        assertThat(state()).isEqualTo(new Exited(Optional.empty(), NOW, 128, "StartError", "start failed"));
        assertThat(runtime.done).containsExactly("start crun", "kill " + CGROUP);
    }

    @Test
    void theStopSignalEndsItWithinTheGrace() throws Exception {
        var init = make(new Running(NOW), "SIGUSR1", "sh", "-c", "trap 'exit 5' USR1; while :; do sleep 0.01; done");
        awaitTrap(init);
        var monitor = init.onExit().thenRun(() -> ends.ended(new Exit(ID.hex(), 5, ENDED, Optional.empty())));

        stopper.stop(ID, Duration.ofSeconds(20));
        monitor.join();

        assertThat(init.waitFor()).isEqualTo(5);
        assertThat(state()).isEqualTo(new Exited(Optional.of(NOW), ENDED, 5, "Error", ""));
    }

    @Test
    void whatDoesNotHearIsKilledAfterTheGrace() throws Exception {
        var init = make(new Running(NOW), "SIGTERM", "sh", "-c", "trap '' TERM; while :; do sleep 0.01; done");
        awaitTrap(init);
        runtime.whenKilled = () -> {
            init.destroyForcibly();
            ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));
        };

        stopper.stop(ID, Duration.ofMillis(100));

        assertThat(runtime.done).contains("kill " + CGROUP);
        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.exitCode()).isEqualTo(137));
    }

    /** Begins a stop with a minute's grace of one that notes the signal there and goes on; returns when both have noted it. */
    private Thread stopPatiently(Path heard) throws Exception {
        var init = make(
                new Running(NOW),
                "SIGTERM",
                "sh",
                "-c",
                "trap 'echo x >>" + heard + "' TERM; while :; do sleep 0.01; done");
        awaitTrap(init);
        runtime.whenKilled = () -> ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));
        var patient = Thread.ofVirtual().start(() -> stopper.stop(ID, Duration.ofSeconds(60)));
        // The daemon notes the signal after it was sent, and the shell makes the file before it writes to it.
        while (!Files.exists(paths.signalled(ID)) || !Files.exists(heard) || Files.size(heard) == 0) {
            Thread.sleep(1);
        }
        return patient;
    }

    @Test
    void oneSignalOnlyHoweverOftenItIsAskedFor() throws Exception {
        var heard = directory.resolve("heard");
        var patient = stopPatiently(heard);

        var begin = System.nanoTime();
        stopper.stop(ID, Duration.ofMillis(300));
        patient.join();

        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .as("a later and shorter grace shortens the earlier")
                .isLessThan(Duration.ofSeconds(30));
        assertThat(Files.readAllLines(heard)).hasSize(1);
    }

    @Test
    void theNextDaemonDoesNotSendTheSignalAgain() throws Exception {
        var heard = directory.resolve("heard");
        var patient = stopPatiently(heard);

        new ContainerStopper(catalog, paths, runtime).stop(ID, Duration.ofMillis(300));

        patient.join();
        assertThat(Files.readAllLines(heard)).hasSize(1);
    }

    @Test
    void whatIsPausedGoesOnSoThatItHearsTheSignal() throws Exception {
        var monitor = make(new Running(NOW), "SIGTERM", "sleep", "1000")
                .onExit()
                .thenRun(() -> ends.ended(new Exit(ID.hex(), 143, ENDED, Optional.empty())));

        stopper.stop(ID, Duration.ofSeconds(20));
        monitor.join();

        assertThat(runtime.thawed).containsExactly(CGROUP);
    }

    /** As after the container's process has ended unseen, and its number was given to another. */
    @Test
    void aStrangerWithTheNumberOfAContainersProcessIsNotSignalled() throws Exception {
        var stranger = make(new Running(NOW), "SIGTERM", "sleep", "1000");
        var entry = catalog.require(ID);
        var status = entry.status();
        catalog.change(
                entry,
                new ContainerStatus(
                        status.state(),
                        status.bootId(),
                        status.monitor(),
                        new ProcessIdentity(stranger.pid(), status.init().startTicks() - 1),
                        status.resources()));
        runtime.whenKilled = () -> ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));

        stopper.stop(ID, Duration.ofMillis(200));

        assertThat(stranger.isAlive()).isTrue();
    }

    @Test
    void stoppingWhatHasEndedOrIsNotThereIsASuccess() throws Exception {
        stopper.stop(ID, Duration.ZERO);
        make(new Exited(Optional.of(NOW), ENDED, 0, "Completed", ""), "SIGTERM", "sleep", "1000");
        stopper.stop(ID, Duration.ofSeconds(5));

        assertThat(runtime.done).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, Completed",
        "0, true, Completed",
        "1, false, Error",
        "137, true, OOMKilled",
        "137, false, Error",
        "143, true, Error"
    })
    void theReasonIsToldByTheCodeAndTheMonitorsNote(int code, boolean oom, String reason) throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");

        ends.ended(new Exit(ID.hex(), code, ENDED, Optional.of(ENDED).filter(_ -> oom)));

        assertEnded(code, reason);
    }

    private void assertEnded(int code, String reason) {
        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class,
                        exited -> assertThat(exited)
                                .isEqualTo(new Exited(Optional.of(NOW), ENDED, code, reason, exited.message())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1   | false |           | ''",
                "128 | false |           | ''",
                "200 | false |           | ''",
                "137 | true  |           | killed by the kernel for want of memory: it used 1.5 MiB at most; the kernel chose process 7 (hog) of user 1000",
                "137 | false |           | ended by SIGKILL, which Keelson did not send",
                "137 | false | killed    | ended by SIGKILL, which Keelson sent: it was to be stopped, and its time was over",
                "137 | false | signalled | ended by SIGKILL after it was asked to stop",
                "139 | false |           | ended by SIGSEGV",
                "143 | false | signalled | ended by SIGTERM after it was asked to stop"
            })
    void theMessageSaysWhatTheCodeDoesNot(int code, boolean oom, @Nullable String note, String message)
            throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        if (note != null) {
            Files.createFile(paths.bundle(ID).resolve(note));
        }

        ends.ended(new Exit(ID.hex(), code, ENDED, Optional.of(ENDED).filter(_ -> oom)));

        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.message()).isEqualTo(message));
    }

    /** How often the kernel killed for want of memory, and how long before the end it first did. */
    @ParameterizedTest
    @CsvSource({"1, 0,  OOMKilled", "1, 10, OOMKilled", "1, 11, Error", "2, 11, OOMKilled"})
    void whoLivedOnAfterTheOnlySuchKillWasNotKilledByIt(long count, long secondsBefore, String reason)
            throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.oomKills = Optional.of(count);

        ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.of(ENDED.minusSeconds(secondsBefore))));

        assertEnded(137, reason);
    }

    /** What the kernel counts: before the container was killed, if it was; and when it ended. */
    @ParameterizedTest
    @CsvSource({
        "137, , 0, Error",
        "137, , 1, OOMKilled",
        "143, , 1, Error",
        "137, 0, 0, Error",
        "137, 1, 1, Error",
        "137, 1, 2, OOMKilled",
        "137, 0, 1, OOMKilled"
    })
    void anEarlierKillOfAChildForWantOfMemorySaysNothingAboutAnotherEnd(
            int code, @Nullable Long whenKilled, long atTheEnd, String reason) throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.oomKills = Optional.ofNullable(whenKilled);
        runtime.whenKilled = () -> {
            runtime.oomKills = Optional.of(atTheEnd);
            ends.ended(new Exit(ID.hex(), code, ENDED, Optional.of(ENDED).filter(_ -> atTheEnd > 0)));
        };

        if (whenKilled == null) {
            runtime.whenKilled.run();
        } else {
            stopper.stop(ID, Duration.ZERO);
        }

        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.reason()).isEqualTo(reason));
    }

    @Test
    void theRuntimeForgetsOneThatHasEndedBeforeAnybodyRemovesIt() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.failing.add("release");

        ends.ended(new Exit(ID.hex(), 0, ENDED, Optional.empty()));

        while (runtime.released.isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(runtime.released).containsExactly(ID);
        remover.remove(ID);
        assertThat(runtime.done).as("what could not be done then").contains("delete " + CGROUP);
    }

    @Test
    void aStopReturnsWhenTheRuntimeHasForgottenTheContainerOrCouldNot() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        runtime.failing.add("release");
        runtime.whenKilled = () -> ends.ended(new Exit(ID.hex(), 137, ENDED, Optional.empty()));

        stopper.stop(ID, Duration.ZERO);

        assertThat(runtime.released).containsExactly(ID);
    }

    @Test
    @Tag("C1")
    void noEndIsBeforeTheStartThoughTheMonitorsClockIsBehind() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");

        ends.ended(new Exit(ID.hex(), 0, NOW.minusMillis(4), Optional.empty()));

        assertThat(state()).isEqualTo(new Exited(Optional.of(NOW), NOW, 0, "Completed", ""));
    }

    @Test
    void theFirstEndCounts() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");

        ends.ended(new Exit(ID.hex(), 3, ENDED, Optional.empty()));
        ends.ended(new Exit(ID.hex(), 0, ENDED.plusSeconds(1), Optional.empty()));

        assertThat(state())
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.exitCode()).isEqualTo(3));
    }

    @Test
    @Tag("K2")
    void aMonitorThatIsKilledTakesItsContainerAlongWithACodeThatIsNoSuccess() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        ends.follow(catalog.require(ID));

        runtime.followed.values().forEach(Runnable::run);

        assertThat(runtime.done).containsExactly("kill " + CGROUP);
        assertThat(state()).isInstanceOfSatisfying(Exited.class, exited -> {
            assertThat(exited.exitCode()).isEqualTo(255);
            assertThat(exited.message()).contains("monitor");
        });
    }

    @Test
    void oneThatIsRemovedLeavesNothing() throws Exception {
        make(new Exited(Optional.of(NOW), ENDED, 0, "Completed", ""), "SIGTERM", "sleep", "1000");

        remover.remove(ID);
        remover.remove(ID);

        assertThat(runtime.done).containsExactly("delete " + CGROUP);
        assertThat(roots.unmounted).containsExactly(paths.directory(ID));
        assertThat(paths.directory(ID)).doesNotExist();
        assertThat(paths.bundle(ID)).doesNotExist();
        assertThat(catalog.find(ID.hex())).isEmpty();
    }

    @Test
    void oneThatCannotBeRemovedWholeStaysKnownAndIsRemovedByTheNextCall() throws Exception {
        make(new Exited(Optional.of(NOW), ENDED, 0, "Completed", ""), "SIGTERM", "sleep", "1000");
        roots.isBusy = true;

        assertThatThrownBy(() -> remover.remove(ID)).hasMessageContaining("busy");
        assertThat(catalog.find(ID.hex())).isPresent();
        assertThat(paths.record(ID)).exists();

        roots.isBusy = false;
        remover.remove(ID);
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    void aContainerWhosePodIsGoneIsTakenBackAtTheStart() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");

        assertThat(restored().find(ID.hex())).isEmpty();
        assertThat(runtime.done).containsExactly("delete " + CGROUP);
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    void oneWithoutARecordIsUnmountedAndRemovedAtTheStart() throws Exception {
        DurableFiles.mkdirs(paths.directory(ID));
        Files.createDirectory(paths.directory(ID).resolve("upper"));

        restored();

        assertThat(roots.unmounted).containsExactly(paths.directory(ID));
        assertThat(paths.directory(ID)).doesNotExist();
    }

    @Test
    @Tag("P2")
    void aDamagedRecordIsSetAside() throws Exception {
        make(new Running(NOW), "SIGTERM", "sleep", "1000");
        Files.writeString(paths.record(ID), "{\"version\":1,");

        assertThat(restored().find(ID.hex())).isEmpty();
        assertThat(runtime.done).as("nobody would ever end it").containsExactly("delete-unknown " + ID.hex());
        assertThat(directory.resolve("quarantine")).isNotEmptyDirectory();
        assertThat(paths.directory(ID)).doesNotExist();
    }

    /** A shell that waits in a loop has set its trap before: its loop starts processes. */
    private static void awaitTrap(Process shell) throws InterruptedException {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (shell.descendants().findAny().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
    }
}
