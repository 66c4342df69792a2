package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Status.Code;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.Signal;
import io.keelson.proto.StopContainerRequest;
import io.keelson.proto.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How containers are stopped. */
@Tag("trap-9")
class StopIT {
    private static final Duration LONG = Duration.ofMinutes(5);

    /** Ends with a code of its own for each signal; 37 is SIGRTMIN+3. */
    private static final String TELLS_SIGNALS = "trap 'exit 1' USR1; trap 'exit 2' USR2; trap 'exit 3' TERM;"
            + " trap 'exit 4' 37; echo ready; while :; do sleep 0.05; done";

    private static final String IGNORES = "trap 'echo heard' TERM; echo ready; while :; do sleep 0.05; done";

    private static final int POD_LIMIT = 24;

    /** awk goes on when it cannot fork, where a shell ends. */
    private static final String BOMB =
            "echo 'exec awk \"BEGIN { while (1) system(\\\"sh /bomb &\\\") }\"' >/bomb; . /bomb";

    private static void stop(String id, Duration grace) {
        LifeScene.cri()
                .runtime(LONG)
                .stopContainer(StopContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setTimeout(grace.toSeconds())
                        .build());
    }

    private static Duration timed(Runnable step) {
        var begin = System.nanoTime();
        step.run();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    @Test
    void theRequestsSignalComesBeforeTheImagesAndThatBeforeSigterm() throws Exception {
        try (var scene = LifeScene.by("")) {
            var image = ImageSpec.newBuilder().setImage(LifeScene.STOPPED_BY_USR2);
            var ids = List.of(
                    scene.startReady(LifeScene.shell("request", TELLS_SIGNALS)
                            .setImage(image)
                            .setStopSignal(Signal.SIGNAL_SIGUSR1)),
                    scene.startReady(LifeScene.shell("image", TELLS_SIGNALS).setImage(image)),
                    scene.startReady(LifeScene.shell("neither", TELLS_SIGNALS)),
                    scene.startReady(LifeScene.shell("real-time", TELLS_SIGNALS)
                            .setImage(image)
                            .setStopSignal(Signal.SIGNAL_SIGRTMINPLUS3)));

            Together.all(ids.size(), number -> {
                stop(ids.get(number), LONG);
                return number;
            });

            for (var number = 0; number < ids.size(); number++) {
                LifeScene.assertExited(LifeScene.status(ids.get(number)), number + 1, "Error");
            }
            assertThat(LifeScene.status(ids.get(1)).getStopSignal()).isEqualTo(Signal.SIGNAL_SIGUSR2);
            assertThat(LifeScene.status(ids.get(3)).getStopSignal()).isEqualTo(Signal.SIGNAL_SIGRTMINPLUS3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("K3")
    void theSignalIsSentOnceAndALaterShorterGraceShortens(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.startReady(LifeScene.shell("ignores", IGNORES));
            var log = scene.logs().resolve("ignores.log");
            var patient = new ArrayList<Thread>();
            for (var i = 0; i < 5; i++) {
                patient.add(Thread.ofVirtual().start(() -> stop(id, LONG)));
            }
            Awaitility.await("the signal")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> Files.readString(log).contains("heard"));

            var took = timed(() -> stop(id, Duration.ofSeconds(1)));
            for (var each : patient) {
                each.join();
            }

            assertThat(took).isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
            LifeScene.assertExited(LifeScene.status(id), 137, "Error");
            assertThat(Files.readString(log).split("heard", -1)).hasSize(2);

            var other = scene.startReady(LifeScene.shell("killed", IGNORES));
            assertThat(timed(() -> stop(other, Duration.ZERO)))
                    .as("without grace")
                    .isLessThan(Duration.ofSeconds(20));
            LifeScene.assertExited(LifeScene.status(other), 137, "Error");
            assertThat(Files.readString(scene.logs().resolve("killed.log"))).doesNotContain("heard");

            stop(id, Duration.ZERO);
            stop("00".repeat(32), LONG);
            Refused.with(Code.INVALID_ARGUMENT, () -> stop("", LONG), "no container");
        }
    }

    private static void freeze(Path group) throws IOException {
        var unified = group.resolve("cgroup.freeze");
        if (Files.exists(unified)) {
            Files.writeString(unified, "1");
            return;
        }
        Files.writeString(group.resolve("freezer.state"), "FROZEN");
        Awaitility.await("it is frozen")
                .atMost(LifeScene.PATIENCE)
                .until(() -> Files.readString(group.resolve("freezer.state")).equals("FROZEN\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aPausedContainerHearsItsSignalAndCanBeKilled(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var hears = scene.startReady(LifeScene.shell("hears", TELLS_SIGNALS));
            var killed = scene.startReady(LifeScene.shell("is-killed", IGNORES));
            freeze(scene.cgroup("freezer", hears));
            freeze(scene.cgroup("freezer", killed));

            stop(hears, LONG);
            stop(killed, Duration.ZERO);

            LifeScene.assertExited(LifeScene.status(hears), 3, "Error");
            LifeScene.assertExited(LifeScene.status(killed), 137, "Error");
        }
    }

    /** What hangs in the kernel hears no SIGKILL, and neither does what is frozen with its whole pod. */
    @Test
    @Tag("stuck")
    void aContainerThatDoesNotDieHoldsUpNobodyElse() throws Exception {
        assumeTrue(!LifeScene.isUnified(), "with cgroup version 2 what is frozen can be killed");
        try (var scene = LifeScene.inItsOwnCgroup(NamespaceMode.CONTAINER);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var hangs = scene.startReady(LifeScene.shell("hangs", IGNORES));
            freeze(scene.podCgroup("freezer"));
            try (var neighbours = LifeScene.by("")) {
                var neighbour = neighbours.start(LifeScene.idle("neighbour"));
                var stopped = threads.submit(() ->
                        Refused.with(Code.DEADLINE_EXCEEDED, () -> stop(hangs, Duration.ZERO), "cannot kill", hangs));

                var took = timed(() -> assertOthersGoOn(hangs, neighbour));

                assertThat(took).isLessThan(Duration.ofSeconds(9));
                assertThat(stopped.isDone()).as("it was under way all the time").isFalse();
                stopped.get();
            } finally {
                Files.writeString(scene.podCgroup("freezer").resolve("freezer.state"), "THAWED");
            }
            stop(hangs, Duration.ZERO);
            LifeScene.assertExited(LifeScene.status(hangs), 137, "Error");
        }
    }

    /** kubelet gives each pod's group a limit. In the place of each process that is killed there are others before the next one is. */
    @ParameterizedTest
    @EnumSource(
            value = NamespaceMode.class,
            names = {"CONTAINER", "NODE"})
    @Tag("K3")
    void aForkBombHasNoMoreThanItsPodsLimitAndIsStopped(NamespaceMode pids) throws Exception {
        try (var neighbours = LifeScene.by("")) {
            var neighbour = neighbours.start(LifeScene.idle("neighbour"));
            try (var scene = LifeScene.inItsOwnCgroup(pids)) {
                var group = Files.createDirectories(scene.podCgroup("pids"));
                Files.writeString(group.resolve("pids.max"), Integer.toString(POD_LIMIT));
                var id = scene.start(bomb(pids));
                Awaitility.await("it has what it may have")
                        .atMost(LifeScene.PATIENCE)
                        .until(() -> processes(group) == POD_LIMIT);

                assertThat(Requests.exec(LifeScene.cri(), neighbour, "true").getExitCode())
                        .isZero();
                stop(id, Duration.ZERO);

                LifeScene.assertExited(LifeScene.status(id), 137, "Error");
                Awaitility.await("nobody is left").atMost(LifeScene.PATIENCE).until(() -> processes(group) == 0);
            }
        }
    }

    private static ContainerConfig.Builder bomb(NamespaceMode pids) {
        var bomb = LifeScene.shell("bomb", BOMB);
        bomb.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(pids));
        return bomb;
    }

    private static int processes(Path group) throws IOException {
        return Integer.parseInt(Files.readString(group.resolve("pids.current")).strip());
    }

    private static void assertOthersGoOn(String hangs, String neighbour) {
        assertThat(LifeScene.status(hangs).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(LifeScene.cri()
                        .runtime(Requests.DEADLINE)
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersCount())
                .isEqualTo(2);
        assertThat(Requests.exec(LifeScene.cri(), neighbour, "true").getExitCode())
                .isZero();
        stop(neighbour, Duration.ZERO);
        LifeScene.assertExited(LifeScene.status(neighbour), 137, "Error");
    }

    @Test
    void aPodIsStoppedWhileItsContainersAre() throws Exception {
        try (var scene = LifeScene.by("")) {
            var first = scene.startReady(LifeScene.shell("first", IGNORES));
            var second = scene.startReady(LifeScene.shell("second", TELLS_SIGNALS));

            Together.all(6, number -> {
                switch (number % 3) {
                    case 0 -> stop(first, LONG);
                    case 1 -> stop(second, LONG);
                    default ->
                        LifeScene.cri()
                                .runtime(LONG)
                                .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                                        .setPodSandboxId(scene.podId())
                                        .build());
                }
                return number;
            });

            LifeScene.assertExited(LifeScene.status(first), 137, "Error");
            assertThat(LifeScene.status(second).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        }
    }

    /** Its first process waits for none of its children, and has all but ended itself. */
    @Test
    void aContainerThatHasOnlyZombiesIsStopped() throws Exception {
        try (var scene = LifeScene.by("")) {
            var id = scene.startReady(
                    LifeScene.shell("zombies", "for i in 1 2 3; do sleep 0.3 & done; echo ready; exec sleep 100000"));
            Awaitility.await("zombies")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> LifeScene.zombies(LifeScene.pid(id)) == 3);

            stop(id, Duration.ofSeconds(1));

            LifeScene.assertExited(LifeScene.status(id), 137, "Error");
        }
    }
}
