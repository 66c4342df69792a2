package io.keelson.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import io.keelson.server.text.Ink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod that waited 100 ms, was made in 200, had its image pulled from the first second on, and its container made after two. */
class PodExplanationTest {
    private static final String IMAGE = "ab".repeat(32);

    @TempDir
    Path root;

    private static Json.Obj step(String name, long millis) {
        return Json.object().put("step", name).put("micros", millis * 1000).build();
    }

    private static Json.Builder pod(Json.Obj... containers) {
        return Json.object()
                .put("id", "12".repeat(32))
                .put("namespace", "default")
                .put("name", "web")
                .put("state", "READY")
                .put("createdAt", "2026-01-01T00:00:00Z")
                .putAll(
                        "steps",
                        List.of(step("wait", 100), step("cni/bridge", 120), step("cni", 150), step("files", 50)))
                .putAll("containers", List.of(containers));
    }

    private static Json.Builder container(String name, String finishedAt, int code, String message) {
        return Json.object()
                .put("id", "cd".repeat(32))
                .put("name", name)
                .put("imageId", "sha256:" + IMAGE)
                .put("createdAt", "2026-01-01T00:00:02Z")
                .putAll("steps", List.of(step("rootfs", 10), step("spec", 10), step("create", 30), step("start", 20)))
                .put("state", "EXITED")
                .put("startedAt", "2026-01-01T00:00:03Z")
                .put("finishedAt", finishedAt)
                .put("exitCode", code)
                .put("reason", code == 0 ? "Completed" : "OOMKilled")
                .put("message", message);
    }

    private void pulled(String begun) throws IOException {
        var layer = Json.object()
                .put("diffId", "sha256:" + "ef".repeat(32))
                .put("origin", "pulled")
                .put("waitMicros", 5_000)
                .put("totalMicros", 600_000)
                .build();
        var pull = Json.object()
                .put("begun", begun)
                .put("totalMicros", 800_000)
                .putAll("steps", List.of(step("manifest", 90), step("layers", 610)))
                .putAll("layers", List.of(layer))
                .build();
        Files.write(
                Files.createDirectories(root.resolve("image-records")).resolve("sha256-" + IMAGE + ".pull"),
                pull.toBytes());
    }

    private String explained(Json.Obj pod) {
        var out = new StringWriter();
        new PodExplanation(root, new PrintWriter(out), Ink.PLAIN).print(pod);
        return out.toString();
    }

    @Test
    void everyStepIsWhereItBelongsFromTheWaitToTheFirstLine() throws IOException {
        pulled("2026-01-01T00:00:01Z");
        var log = Files.writeString(root.resolve("0.log"), "2026-01-01T00:00:03.250000000Z stdout F hello\n");
        var container = container("app", "2026-01-01T00:00:09Z", 0, "").put("logPath", log.toString());

        assertThat(explained(pod(container.build()).build()))
                .contains("pod default/web (121212121212), begun 2026-01-01T00:00:00Z, READY")
                .containsPattern("(?m)^wait\\* +0.0 ms +100.0 ms ")
                .containsPattern("(?m)^  cni/bridge +100.0 ms +120.0 ms ")
                .containsPattern("(?m)^cni\\* +100.0 ms +150.0 ms ")
                .containsPattern("(?m)^app: pull\\* +1.10 s +800.0 ms ")
                .containsPattern("(?m)^  layer efefefefefef, pulled +1.20 s +600.0 ms ")
                .containsPattern("(?m)^app: rootfs\\* +2.08 s +10.0 ms ")
                .containsPattern("(?m)^app: create\\* +2.10 s +30.0 ms ")
                .containsPattern("(?m)^app: start\\* +3.08 s +20.0 ms ")
                .containsPattern("(?m)^app: first log line\\* +3.10 s +250.0 ms ")
                .containsPattern(
                        "critical path: wait 100.0 ms, cni 150.0 ms, files 50.0 ms, app: pull 800.0 ms, app: rootfs")
                .contains("nothing went wrong");
    }

    @Test
    void aPullOfAnotherTimeIsNotThePods() throws IOException {
        pulled("2025-12-31T23:59:59Z");
        assertThat(explained(pod(container("app", "2026-01-01T00:00:09Z", 0, "").build())
                        .build()))
                .doesNotContain("pull");
    }

    @Test
    void whatWentWrongLastIsTheLaterOfAnEndAndOfSomethingThatCouldNotBeMade() {
        var pod = pod(
                        container("first", "2026-01-01T00:00:09Z", 137, "of the first")
                                .build(),
                        container("last", "2026-01-01T00:01:00Z", 137, "killed for memory\nlast words")
                                .build(),
                        container("well", "2026-01-01T00:02:00Z", 0, "").build())
                .build();
        assertThat(explained(pod))
                .contains("went wrong last: container last (cdcdcdcdcdcd) ended with 137, OOMKilled")
                .contains("\n  killed for memory\n  last words\n", "what would help: give it a higher memory limit")
                .doesNotContain("of the first");

        var failure = Json.object().put("kind", "ABSENT").put("message", "image \"x\" is not on this node");
        assertThat(explained(with(pod, failure.put("at", "2026-01-01T00:03:00Z").build())))
                .contains("went wrong last: image \"x\" is not on this node, at 2026-01-01T00:03:00Z")
                .contains("what would help: bring what it asks for to this node");
        assertThat(explained(with(pod, failure.put("at", "2026-01-01T00:00:30Z").build())))
                .contains("went wrong last: container last");
    }

    private static Json.Obj with(Json.Obj pod, Json.Obj failure) {
        var all = Json.object();
        pod.members().forEach(all::put);
        return all.put("failure", failure).build();
    }

    @Test
    void aPodOfWhichOnlyAContainerIsKnownIsExplainedAsFarAsItIs() {
        assertThat(explained(Json.object()
                        .put("id", "12".repeat(32))
                        .putAll("containers", List.of())
                        .build()))
                .contains("nothing went wrong");
    }
}
