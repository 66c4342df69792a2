package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in containers. The client takes no message beyond 16 MiB, as kubelet's and crictl's do. */
@Tag("trap-6")
class ExecSyncIT {
    /** Of both streams together; the rest of 16 MiB is for the exit code and the lengths. */
    private static final int LONGEST = (16 << 20) - 64;

    private static ExecSyncResponse exec(String id, Duration timeout, String script) {
        return LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(List.of("sh", "-c", script))
                        .setTimeout(timeout.toSeconds())
                        .build());
    }

    private static ExecSyncResponse exec(String id, String script) {
        return exec(id, Requests.DEADLINE, script);
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void longOutputIsCutAndTheAnswerIsNotLost(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.start(LifeScene.idle("prints"));

            var whole = exec(id, "head -c " + LONGEST + " /dev/zero; exit 3");
            assertThat(whole.getStdout().size()).isEqualTo(LONGEST);
            assertThat(whole.getExitCode()).isEqualTo(3);

            var cut = exec(id, "head -c " + (LONGEST + 1) + " /dev/zero; exit 4");
            assertThat(cut.getStdout().size()).isEqualTo(LONGEST);
            assertThat(cut.getExitCode()).isEqualTo(4);

            var words = exec(id, "head -c 17000000 /dev/zero; echo words >&2");
            assertThat(words.getStderr().toStringUtf8()).isEqualTo("words\n");
            assertThat(words.getStdout().size()).isEqualTo(LONGEST - 6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void theDeadlineKillsAllThatTheCommandStartedAndNeverTheContainer(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.start(LifeScene.idle("goes-on"));
            var pid = LifeScene.pid(id);
            var begin = System.nanoTime();

            Refused.with(
                    Code.DEADLINE_EXCEEDED,
                    () -> exec(
                            id,
                            Duration.ofSeconds(1),
                            "trap '' TERM; setsid sleep 4711 & (setsid sh -c 'sleep 4712 & sleep 4713' &);"
                                    + " while :; do sleep 1; done"),
                    id);

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
            assertThat(exec(id, "for each in /proc/[0-9]*; do tr '\\0' ' ' <$each/cmdline 2>/dev/null; echo; done")
                            .getStdout()
                            .toStringUtf8())
                    .contains("sleep 100000")
                    .doesNotContain("sleep 471");
            assertThat(LifeScene.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
            assertThat(LifeScene.pid(id)).isEqualTo(pid);
            Awaitility.await("no child of the daemon is left unreaped")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> LifeScene.zombies(LifeScene.node().pid()) == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void whatHoldsThePipesDoesNotDelayTheAnswer(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.start(LifeScene.idle("held"));
            var begin = System.nanoTime();

            var answer = exec(id, "setsid sleep 4711 & echo done; exit 6");

            assertThat(answer.getStdout().toStringUtf8()).isEqualTo("done\n");
            assertThat(answer.getExitCode()).isEqualTo(6);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void fiftyAtOnceAllHaveTheirAnswer(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.start(LifeScene.idle("crowd"));

            var answers = Together.all(50, number -> exec(id, "echo " + number + "; exit " + number % 7));

            for (var number = 0; number < answers.size(); number++) {
                assertThat(answers.get(number).getStdout().toStringUtf8()).isEqualTo(number + "\n");
                assertThat(answers.get(number).getExitCode()).isEqualTo(number % 7);
            }
            Awaitility.await("no child of the daemon is left unreaped")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> LifeScene.zombies(LifeScene.node().pid()) == 0);
            Awaitility.await("the commands' groups go")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> groupsIn(scene.cgroup("pids", id)) == 0);

            Requests.stop(LifeScene.cri(), id, Duration.ZERO);
            Refused.with(Code.FAILED_PRECONDITION, () -> exec(id, "true"), "does not run");
            Refused.with(Code.NOT_FOUND, () -> exec("00".repeat(32), "true"), "no such container");
        }
    }

    private static long groupsIn(Path group) throws IOException {
        try (var entries = Files.list(group)) {
            return entries.filter(Files::isDirectory).count();
        }
    }
}
