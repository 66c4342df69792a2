package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.proto.ListContainersRequest;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How containers are removed. */
class RemoveIT {
    private static List<String> listed() {
        return LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList()
                .stream()
                .map(container -> container.getId())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("trap-2")
    void whatRunsIsKilledAndWhatIsGoneIsASuccess(String handler) throws Exception {
        try (var scene = LifeScene.by(handler)) {
            var created = scene.create(LifeScene.idle("created"));
            var runs = scene.startReady(LifeScene.shell("runs", "trap '' TERM; echo ready; while :; do sleep 1; done"));
            var pid = LifeScene.pid(runs);
            var ended = scene.start(LifeScene.shell("ended", "exit 0"));
            LifeScene.awaitExit(ended);

            for (var id : List.of(created, runs, ended)) {
                Requests.remove(LifeScene.cri(), id);
                Requests.remove(LifeScene.cri(), id);
                Requests.stop(LifeScene.cri(), id, Duration.ZERO);
                Refused.with(Code.NOT_FOUND, () -> LifeScene.status(id), id);
            }

            assertThat(NodeProcesses.runs(pid)).isFalse();
            assertThat(listed()).isEmpty();
            assertThat(scene.logs().resolve("runs.log"))
                    .as("its log is kubelet's")
                    .isNotEmptyFile();
            assertThat(LifeScene.node().place().root().resolve("containers", runs))
                    .doesNotExist();
        }
    }

    /** Everybody at once, over and over: each call succeeds, or says that there is no such container. */
    @Test
    @Tag("trap-10")
    void aRemovalGoesOnBesideStopStatusAndList() throws Exception {
        try (var scene = LifeScene.by("")) {
            var ids = new ArrayList<String>();
            for (var i = 0; i < 6; i++) {
                ids.add(scene.start(LifeScene.idle("busy-" + i)));
            }

            var codes = Together.all(ids.size() * 5, number -> {
                var id = ids.get(number % ids.size());
                try {
                    switch (number / ids.size()) {
                        case 0, 1 -> Requests.remove(LifeScene.cri(), id);
                        case 2 -> Requests.stop(LifeScene.cri(), id, Duration.ofSeconds(1));
                        case 3 -> LifeScene.status(id);
                        default -> listed();
                    }
                    return Code.OK;
                } catch (StatusRuntimeException e) {
                    return e.getStatus().getCode();
                }
            });

            assertThat(codes).isSubsetOf(Code.OK, Code.NOT_FOUND);
            assertThat(listed()).isEmpty();
            ids.forEach(id ->
                    assertThatCode(() -> Requests.remove(LifeScene.cri(), id)).doesNotThrowAnyException());
            ids.forEach(
                    id -> assertThat(Files.exists(scene.cgroup("memory", id))).isFalse());
        }
    }
}
