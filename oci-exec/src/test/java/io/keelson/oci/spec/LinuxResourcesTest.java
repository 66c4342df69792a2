package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinuxResourcesTest {
    @Test
    void whatIsNotSaidIsNotWritten() {
        assertThat(LinuxResources.NONE.toJson().members()).isEmpty();
    }

    @Test
    void whatIsSaidIsWrittenWhereTheRuntimeReadsIt() {
        var json = new LinuxResources(
                        100_000,
                        50_000,
                        512,
                        1 << 20,
                        -5,
                        "0-1",
                        "0",
                        Map.of("2MB", 4L << 20),
                        Map.of("pids.max", "7"),
                        -1)
                .toJson();

        assertThat(new String(json.toBytes(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000,\"cpus\":\"0-1\",\"mems\":\"0\"},"
                                + "\"memory\":{\"limit\":1048576,\"swap\":-1},"
                                + "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}],"
                                + "\"unified\":{\"pids.max\":\"7\"}}");
    }

    @Test
    void unlimitedIsMinusOneAndNothingElseIsBelowNothing() {
        assertThat(new LinuxResources(0, -1, 0, -1, 0, "", "", Map.of(), Map.of(), -1).memoryLimitBytes())
                .isEqualTo(-1);
        refused(() -> new LinuxResources(-1, 0, 0, 0, 0, "", "", Map.of(), Map.of(), 0), "CPU period");
        refused(() -> new LinuxResources(0, -2, 0, 0, 0, "", "", Map.of(), Map.of(), 0), "CPU quota");
        refused(() -> new LinuxResources(0, 0, -1, 0, 0, "", "", Map.of(), Map.of(), 0), "CPU shares");
        refused(() -> new LinuxResources(0, 0, 0, -2, 0, "", "", Map.of(), Map.of(), 0), "memory limit");
        refused(() -> new LinuxResources(0, 0, 0, 0, 0, "", "", Map.of(), Map.of(), -2), "memory and swap");
        refused(() -> new LinuxResources(0, 0, 0, 0, 1001, "", "", Map.of(), Map.of(), 0), "oom_score_adj");
        refused(() -> new LinuxResources(0, 0, 0, 0, Long.MIN_VALUE, "", "", Map.of(), Map.of(), 0), "oom_score_adj");
        refused(() -> new LinuxResources(0, 0, 0, 0, -1001, "", "", Map.of(), Map.of(), 0), "oom_score_adj");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x", "/etc/passwd", "memory.max/..", "nodot", "", "a.b\0", "devices.allow\n"})
    void onlyNamesOfACgroupsFilesAreTaken(String file) {
        refused(() -> new LinuxResources(0, 0, 0, 0, 0, "", "", Map.of(), Map.of(file, "1"), 0), "cgroup's file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0;1", "a", "0 1", "0\n"})
    void listsAreOfNumbers(String list) {
        refused(() -> new LinuxResources(0, 0, 0, 0, 0, list, "", Map.of(), Map.of(), 0), "CPUs");
        refused(() -> new LinuxResources(0, 0, 0, 0, 0, "", list, Map.of(), Map.of(), 0), "memory nodes");
    }

    private static void refused(Runnable made, String what) {
        assertThatThrownBy(made::run)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(what);
    }
}
