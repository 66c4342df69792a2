package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodState;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.history.History;
import io.keelson.pod.history.HistoryDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What is kept of pods that are gone is written while nobody waits, and nothing of it is synchronised. A daemon that is killed has lost nothing
 * of what was written; a power failure may take any of it, and leaves halves of files. What is read afterwards is whole, or nothing, and the next
 * note of the same pod is kept.
 */
class HistoryCrashTest implements CrashStates.Scenario {
    static final int IN_CHECK = 300;
    private static final int TWICE = 50;
    private static final String KEPT = "kept";
    private static final String FAILED_ONCE = "failed-once";
    private static final List<String> NAMES = List.of("first", "second", FAILED_ONCE, "failed-twice", "later");

    @Test
    @Tag("K1")
    @Tag("P1")
    @Tag("P2")
    void whatIsReadIsWholeOrNothingAndIsWrittenAgain() {
        var journal = life();
        CrashStates.assertRepeats(journal, life());
        var states = new CrashStates("history", journal, this, IN_CHECK);
        states.assertReplays(TWICE);

        states.run();
    }

    /** Two daemons, one after the other; each has written all that it was told when it ends. */
    private static List<Step> life() {
        var journal = new Journal();
        var disk = new SimulatedDisk(journal);
        DurableFiles.placeDirectory(state(disk));
        tell(disk, history -> {
            history.podChanged(Change.DELETED, pod("first"));
            history.podChanged(Change.DELETED, pod("second"));
        });
        promise(journal, promises -> List.of("first", "second").forEach(name -> promises.exists(KEPT + " " + name)));
        tell(disk, history -> {
            history.startFailed(pod("second"), Failure.unavailable("no network"));
            history.startFailed(pod(FAILED_ONCE), Failure.unavailable("no network"));
            history.startFailed(pod("failed-twice"), Failure.unavailable("no network"));
        });
        promise(journal, promises -> {
            promises.gone(KEPT + " " + FAILED_ONCE);
            promises.exists(KEPT + " failed-twice");
        });
        return journal.steps();
    }

    private static void promise(Journal journal, Consumer<Promises> change) {
        journal.add(new Step.Answered(change));
    }

    private static void tell(SimulatedDisk disk, Consumer<History> what) {
        var root = root(disk);
        try (var history = new History(
                new HistoryDirectory(root),
                new PodCatalog(new PodPaths(root, state(disk))),
                new ContainerCatalog(new ContainerPaths(root, state(disk))),
                InstantSource.fixed(PodNode.NOW))) {
            what.accept(history.start());
        }
    }

    private static Path root(SimulatedDisk disk) {
        return disk.root().resolve("root");
    }

    /** A power failure takes it away. */
    private static Path state(SimulatedDisk disk) {
        return disk.root().resolve("state");
    }

    /** Those of the two tries of a pod that could not be made have one name for their caller. */
    private static Pod pod(String name) {
        return new Pod(
                id(name),
                PodWorld.spec(name.startsWith("failed") ? "failed" : name),
                PodState.NOT_READY,
                PodNode.NOW,
                Optional.empty(),
                "/pods/" + name,
                new StartTimeline(Map.of()));
    }

    private static PodId id(String name) {
        return new PodId(Integer.toHexString(NAMES.indexOf(name)).repeat(64));
    }

    @Override
    public void restart(SimulatedDisk disk, SimulatedKernel kernel) {
        tell(disk, history -> history.podChanged(Change.DELETED, pod("later")));
    }

    @Override
    public void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises) {
        assertWholeOrNothing(disk);
        if (Files.exists(state(disk))) {
            assertThat(promises.mustExist(KEPT)).allMatch(name -> isKept(disk, name));
            assertThat(promises.mustBeGone(KEPT)).noneMatch(name -> isKept(disk, name));
        }
        tell(
                disk,
                history -> NAMES.stream()
                        .filter(name -> !name.equals(FAILED_ONCE))
                        .forEach(name -> history.podChanged(Change.DELETED, pod(name))));
        assertThat(NAMES)
                .filteredOn(name -> !name.equals(FAILED_ONCE))
                .allMatch(name -> isKept(disk, name), "is kept of a pod that ends now");
        assertThat(disk.everything()).noneMatch(file -> file.endsWith(".tmp"));
    }

    private static void assertWholeOrNothing(SimulatedDisk disk) {
        for (var name : NAMES) {
            new HistoryDirectory(root(disk)).find(id(name).hex()).ifPresent(story -> {
                assertThat(story.text("id")).isEqualTo(id(name).hex());
                assertThat(story.text("name"))
                        .isEqualTo(pod(name).spec().metadata().name());
                assertThat(story.text("state")).isEqualTo(PodState.NOT_READY.name());
            });
        }
    }

    private static boolean isKept(SimulatedDisk disk, String name) {
        return new HistoryDirectory(root(disk)).find(id(name).hex()).isPresent();
    }
}
