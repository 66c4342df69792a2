package io.keelson.e2e.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The benchmark runs, in its smallest form; how fast anything was is not looked at. */
class BenchIT {
    @TempDir
    Path directory;

    @Test
    void everyMetricIsMeasured() throws Exception {
        var json = directory.resolve("bench.json");

        assertThat(BenchCommand.run("--quick", "--json=" + json)).isZero();

        var keelson = JsonMapper.shared().readTree(Files.readString(json)).at("/keelson");
        assertThat(Arrays.stream(Metric.values()).map(metric -> metric.id))
                .allSatisfy(id -> assertThat(keelson.at("/" + id + "/p50").doubleValue())
                        .as(id)
                        .isPositive());
        assertThat(keelson.at("/pod-start-stages").propertyNames())
                .contains("namespaces", "cni", "host-ports", "files", "record", "total");
        assertThat(keelson.at("/goals").propertyNames())
                .containsExactly("pod-start-without-cni", "create-start-without-runtime", "exec-by-runtime");
    }

    @Test
    void aWrongOptionIsOneLine() {
        var said = new ByteArrayOutputStream();
        var before = System.err;
        System.setErr(new PrintStream(said, true, UTF_8));
        try {
            assertThat(BenchCommand.run("--samples=many")).isEqualTo(2);
        } finally {
            System.setErr(before);
        }

        assertThat(said.toString(UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith("e2e/bench: ")
                .contains("many");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--samples=0",
                "--peer=docker",
                "--only=everything",
                "--shape=round",
                "--peer=containerd --endpoint=unix:///x",
                "--what"
            })
    void aCommandLineThatMakesNoSenseIsRefused(String line) {
        assertThat(BenchCommand.run(line.split(" "))).isEqualTo(2);
    }
}
