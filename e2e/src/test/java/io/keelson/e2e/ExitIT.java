package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of containers that have ended. */
class ExitIT {
    private static final long MEMORY = 32 << 20;

    /** Its child is killed for want of memory, which it survives; it ends well when it is asked to. */
    private static final String CHILD_DIES =
            "trap 'exit 143' TERM; tail /dev/zero; echo \"child $?\"; while :; do sleep 0.05; done";

    private static final LinuxContainerConfig WITH_HOST_PIDS = LinuxContainerConfig.newBuilder()
            .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                    .setNamespaceOptions(NamespaceOption.newBuilder().setPid(NamespaceMode.NODE)))
            .build();

    private static ContainerConfig.Builder limited(String name, String script) {
        return LifeScene.shell(name, script)
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(MEMORY)));
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("K3")
    void codeAndReasonAreThoseOfTheContainersOwnProcess(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var codes = new LinkedHashMap<String, Integer>();
            for (var code : new int[] {0, 1, 7, 126, 255}) {
                codes.put(scene.start(LifeScene.shell("exit-" + code, "exit " + code)), code);
            }
            var killed = scene.start(LifeScene.idle("killed"));
            kill(LifeScene.pid(killed));
            codes.put(killed, 137);

            codes.forEach((id, code) -> {
                var status = LifeScene.awaitExit(id);
                LifeScene.assertExited(status, code, code == 0 ? "Completed" : "Error");
                assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
                assertThat(status.getStartedAt()).isGreaterThanOrEqualTo(status.getCreatedAt());
            });
        }
    }

    /** The kernel keeps most signals from the first process of a PID namespace; so these are in the host's. */
    @Test
    void aDeathBySignalIs128AndItsNumber() throws Exception {
        try (var scene = LifeScene.withHostPids()) {
            var codes = new LinkedHashMap<String, Integer>();
            for (var signal : new int[] {1, 6, 11, 15, 37}) {
                codes.put(
                        scene.start(LifeScene.shell("signal-" + signal, "echo last words; kill -" + signal + " $$")
                                .setLinux(WITH_HOST_PIDS)),
                        128 + signal);
            }

            codes.forEach((id, code) -> {
                LifeScene.assertExited(LifeScene.awaitExit(id), code, "Error");
                assertThat(LifeScene.status(id).getMessage())
                        .startsWith("ended by SIG")
                        .endsWith("\nlast words");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("trap-7")
    void onlyWhatTheKernelKilledForWantOfMemoryIsOomKilled(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var itself = scene.start(limited("itself", "exec tail /dev/zero"));
            var asked = scene.startReady(limited("asked", CHILD_DIES));
            var stopped = scene.startReady(limited("stopped", CHILD_DIES));
            var killed = scene.startReady(limited("killed", CHILD_DIES));
            var command = scene.start(limited("command", "exec sleep 100000"));
            assertThat(Files.readString(scene.logs().resolve("asked.log"))).contains("child 137");
            assertThat(Requests.exec(LifeScene.cri(), command, "sh", "-c", "exec tail /dev/zero")
                            .getExitCode())
                    .isEqualTo(137);
            assertThat(LifeScene.status(command).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);

            longAgo(killed);
            kill(LifeScene.pid(killed));
            Requests.stop(LifeScene.cri(), asked, Duration.ofSeconds(30));
            Requests.stop(LifeScene.cri(), stopped, Duration.ZERO);
            Requests.stop(LifeScene.cri(), command, Duration.ZERO);

            LifeScene.assertExited(LifeScene.awaitExit(itself), 137, "OOMKilled");
            assertThat(LifeScene.status(itself).getMessage())
                    .matches(
                            "(?s)killed by the kernel for want of memory: it used [0-9.]+ MiB at most, and its limit is"
                                    + " [0-9.]+ MiB; the kernel chose process [0-9]+ \\(tail\\) of user 0.*");
            assertThat(LifeScene.status(asked).getMessage()).isEqualTo("ended by SIGTERM after it was asked to stop");
            LifeScene.assertExited(LifeScene.status(asked), 143, "Error");
            LifeScene.assertExited(LifeScene.status(stopped), 137, "Error");
            assertThat(LifeScene.status(stopped).getMessage()).startsWith("ended by SIGKILL, which Keelson sent");
            LifeScene.assertExited(LifeScene.status(command), 137, "Error");
            LifeScene.assertExited(LifeScene.awaitExit(killed), 137, "Error");
            assertThat(LifeScene.status(killed).getMessage())
                    .startsWith("ended by SIGKILL, which Keelson did not send");
        }
    }

    /** What the monitor noted of the child's end is a minute old: nobody waits for that. */
    private static void longAgo(String id) throws IOException {
        var note = LifeScene.node()
                .place()
                .state()
                .resolve("containers")
                .resolve(id)
                .resolve("oom");
        Awaitility.await("the monitor's note").atMost(LifeScene.PATIENCE).until(() -> Files.exists(note));
        Files.setLastModifiedTime(note, FileTime.from(Instant.now().minusSeconds(60)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aStartThatFailsIsToldInTheRuntimesWordsAndNothingHalfStartedStays(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var id = scene.create(LifeScene.idle("half"));
            var pid = LifeScene.pid(id);
            // By it the runtime lets the process go.
            Files.delete(LifeScene.node().place().state().resolve("runtimes", handler, id, "exec.fifo"));

            Refused.with(
                    Code.FAILED_PRECONDITION,
                    () -> LifeScene.cri()
                            .runtime(Requests.DEADLINE)
                            .startContainer(StartContainerRequest.newBuilder()
                                    .setContainerId(id)
                                    .build()),
                    "cannot start container " + id);

            var status = LifeScene.status(id);
            LifeScene.assertExited(status, 128, "StartError");
            assertThat(status.getMessage()).contains("cannot start container " + id + " with " + handler + ": ");
            assertThat(status.getStartedAt()).isZero();
            Awaitility.await("the end of its process")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> !NodeProcesses.runs(pid));
        }
    }

    @Test
    @Tag("trap-8")
    @Tag("K2")
    void theEndOfAMonitorIsTheEndOfItsContainerWithACodeThatIsNoSuccess() throws Exception {
        try (var scene = LifeScene.by("")) {
            var id = scene.start(LifeScene.idle("unwatched"));
            var pid = LifeScene.pid(id);
            kill(LifeScene.info(id).at("/status/monitor/pid").longValue());

            var status = LifeScene.awaitExit(id);

            LifeScene.assertExited(status, 255, "Error");
            assertThat(status.getMessage()).contains("monitor");
            assertThat(NodeProcesses.runs(pid)).isFalse();
        }
    }

    /** What ended, and was removed from the node by the exit, is known to the next daemon as before. */
    @Test
    @Tag("trap-8")
    void whatHasEndedLeavesNoGroupBehindAndIsKnownAfterARestart() throws Exception {
        try (var scene = LifeScene.by("")) {
            var id = scene.start(LifeScene.shell("short", "exit 3"));
            var status = LifeScene.awaitExit(id);
            var state = LifeScene.node().place().state().resolve("runtimes", "crun", id);
            Awaitility.await("the runtime forgets it")
                    .atMost(LifeScene.PATIENCE)
                    .until(() -> !Files.exists(state) && !Files.exists(scene.cgroup("memory", id)));

            LifeScene.node().kill();
            LifeScene.node().restart();

            assertThat(LifeScene.status(id)).isEqualTo(status);
        }
    }
}
