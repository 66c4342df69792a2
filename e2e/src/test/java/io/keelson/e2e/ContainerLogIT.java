package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ReopenContainerLogRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The logs of containers, as kubelet reads and rotates them. */
@Tag("trap-13")
class ContainerLogIT {
    private static final int ROTATIONS = 20;

    /** A line of a log: its time, stream, whether it is whole (F) or a part (P), and its text. */
    private record Line(String time, String stream, String kind, String text) {
        static Line parse(String line) {
            var parts = line.split(" ", 4);
            assertThat(parts).as(line).hasSize(4);
            assertThat(parts[0]).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}(Z|[+-]\\d\\d:\\d\\d)");
            return new Line(parts[0], parts[1], parts[2], parts[3]);
        }
    }

    private static List<Line> lines(Path log) throws IOException {
        return Files.readAllLines(log).stream().map(Line::parse).toList();
    }

    private static List<String> texts(List<Line> lines, String stream) {
        return lines.stream()
                .filter(line -> line.stream().equals(stream))
                .map(Line::text)
                .toList();
    }

    /** Whole lines: where the monitor's reads end within one, it comes in parts. */
    private static List<String> joined(List<Line> lines) {
        var whole = new ArrayList<String>();
        var begun = new StringBuilder();
        for (var line : lines) {
            begun.append(line.text());
            if (line.kind().equals("F")) {
                whole.add(begun.toString());
                begun.setLength(0);
            }
        }
        assertThat(begun).isEmpty();
        return whole;
    }

    private static void reopen(String id) {
        LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .reopenContainerLog(ReopenContainerLogRequest.newBuilder()
                        .setContainerId(id)
                        .build());
    }

    /** The container's log, once it has ended. */
    private static Path logOf(LifeScene scene, ContainerConfig.Builder container) {
        var id = scene.start(container);
        LifeScene.awaitExit(id);
        return Path.of(LifeScene.status(id).getLogPath());
    }

    @Test
    void linesAreWhatTheContainerSaidAndTheLastIsThereOnceItHasEnded() throws Exception {
        try (var scene = LifeScene.by("")) {
            assertThat(scene.logs()).doesNotExist();
            var log = logOf(
                    scene,
                    LifeScene.shell(
                            "says",
                            "echo one; echo ' two  spaces '; echo; echo err >&2;"
                                    + " head -c 100000 /dev/zero | tr '\\0' x; echo; printf unfinished"));

            assertThat(log).isAbsolute().isEqualTo(scene.logs().resolve("says.log"));
            var lines = lines(log);
            assertThat(texts(lines, "stderr")).containsExactly("err");
            var out = lines.stream()
                    .filter(line -> line.stream().equals("stdout"))
                    .toList();
            assertThat(out).extracting(Line::text).startsWith("one", " two  spaces ", "");
            assertThat(out.getLast().text()).isEqualTo("unfinished");

            var longLine = out.subList(3, out.size() - 1);
            assertThat(longLine).hasSizeGreaterThan(1);
            assertThat(longLine.stream().map(Line::text).collect(Collectors.joining()))
                    .isEqualTo("x".repeat(100_000));
            assertThat(longLine.subList(0, longLine.size() - 1))
                    .extracting(Line::kind)
                    .containsOnly("P");
            assertThat(longLine.getLast().kind()).isEqualTo("F");
        }
    }

    @Test
    void eachAttemptHasAFileOfItsOwnATerminalHasOneStreamAndNoPathIsNoLog() throws Exception {
        try (var scene = LifeScene.by("")) {
            var first = LifeScene.shell("c", "echo first").setLogPath("c/0.log");
            var second = LifeScene.shell("c", "echo second").setLogPath("c/1.log");
            second.getMetadataBuilder().setAttempt(1);
            assertThat(texts(lines(logOf(scene, first)), "stdout")).containsExactly("first");
            assertThat(texts(lines(logOf(scene, second)), "stdout")).containsExactly("second");
            assertThat(texts(lines(scene.logs().resolve("c/0.log")), "stdout")).containsExactly("first");

            var terminal = lines(logOf(
                    scene, LifeScene.shell("tty", "echo out; echo err >&2").setTty(true)));
            assertThat(texts(terminal, "stdout").stream().map(String::strip)).containsExactly("out", "err");
            assertThat(texts(terminal, "stderr")).isEmpty();

            assertThat(logOf(scene, LifeScene.container("silent", "true"))).isEmptyFile();

            var before = files(scene);
            var id = scene.start(
                    LifeScene.shell("no-log", "echo nobody; exec sleep 100000").clearLogPath());
            assertThat(LifeScene.status(id).getLogPath()).isEmpty();
            Refused.with(Code.FAILED_PRECONDITION, () -> reopen(id), "has none");
            assertThat(files(scene)).isEqualTo(before);
        }
    }

    private static List<Path> files(LifeScene scene) throws IOException {
        try (var walk = Files.walk(scene.logs())) {
            return walk.toList();
        }
    }

    @Test
    void aLogIsOpenedAgainOnlyWhileItsContainerRuns() throws Exception {
        try (var scene = LifeScene.by("")) {
            var id = scene.create(LifeScene.idle("waits"));
            var log = scene.logs().resolve("waits.log");
            Files.deleteIfExists(log);
            Refused.with(Code.FAILED_PRECONDITION, () -> reopen(id), "does not run");
            assertThat(log).doesNotExist();

            LifeScene.node().crictl("start", id).expectSuccess();
            reopen(id);
            assertThat(log).exists();

            Requests.stop(LifeScene.cri(), id, Duration.ZERO);
            Files.delete(log);
            Refused.with(Code.FAILED_PRECONDITION, () -> reopen(id), "does not run");
            assertThat(log).doesNotExist();
            Refused.with(Code.NOT_FOUND, () -> reopen("00".repeat(32)), "no such container");
        }
    }

    @Test
    void noLineIsLostThroughTwentyRotationsUnderLoad() throws Exception {
        try (var scene = LifeScene.by("")) {
            var id = scene.startReady(LifeScene.shell(
                    "numbers",
                    "i=0; while [ ! -e /stop ]; do n=0; while [ $n -lt 100 ]; do echo $i; i=$((i+1)); n=$((n+1)); done;"
                            + " sleep 0.02; done; echo total $i"));
            var log = scene.logs().resolve("numbers.log");
            var rotated = new ArrayList<Path>();
            for (var rotation = 0; rotation < ROTATIONS; rotation++) {
                var to = scene.logs().resolve("numbers.log." + rotation);
                Files.move(log, to);
                reopen(id);
                Awaitility.await("lines after rotation " + rotation)
                        .atMost(LifeScene.PATIENCE)
                        .until(() -> Files.size(log) > 0);
                rotated.add(to);
            }
            Requests.exec(LifeScene.cri(), id, "touch", "/stop");
            LifeScene.awaitExit(id);
            rotated.add(log);

            var all = new ArrayList<Line>();
            for (var file : rotated) {
                all.addAll(lines(file));
            }
            var texts = joined(all);
            var total = texts.size() - 1;
            assertThat(total).isGreaterThanOrEqualTo(ROTATIONS);
            assertThat(texts.subList(0, total))
                    .isEqualTo(IntStream.range(0, total)
                            .mapToObj(Integer::toString)
                            .toList());
            assertThat(texts.getLast()).isEqualTo("total " + total);
        }
    }
}
