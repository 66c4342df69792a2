package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

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
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--samples=0",
                "--peer=docker",
                "--only=everything",
                "--peer=containerd --endpoint=unix:///x",
                "--what"
            })
    void aCommandLineThatMakesNoSenseIsRefused(String line) {
        assertThat(BenchCommand.run(line.split(" "))).isEqualTo(2);
    }
}
