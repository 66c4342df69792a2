package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.LinuxResources;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceChangeTest {
    private static final LinuxResources ALL = new LinuxResources(
            100_000, 50_000, 512, 64 << 20, -5, "0-1", "0", Map.of("2MB", 4L << 20), Map.of("pids.max", "7"), 96 << 20);

    private static LinuxResources memory(long limit, long swap) {
        return new LinuxResources(0, 0, 0, limit, 0, "", "", Map.of(), Map.of(), swap);
    }

    @Test
    void whatIsNotSaidStaysAndIsNotTold() {
        var change = ResourceChange.of(
                ALL, new LinuxResources(0, 0, 300, 0, 0, "1", "", Map.of("1GB", 0L), Map.of("memory.high", "1"), 0));

        assertThat(change.told())
                .isEqualTo(
                        new LinuxResources(0, 0, 300, 0, 0, "1", "", Map.of("1GB", 0L), Map.of("memory.high", "1"), 0));
        assertThat(change.result())
                .isEqualTo(new LinuxResources(
                        100_000,
                        50_000,
                        300,
                        64 << 20,
                        -5,
                        "1",
                        "0",
                        Map.of("2MB", 4L << 20, "1GB", 0L),
                        Map.of("pids.max", "7", "memory.high", "1"),
                        96 << 20));
        assertThat(ResourceChange.of(ALL, LinuxResources.NONE).isNothing()).isTrue();
        assertThat(ResourceChange.of(ALL, LinuxResources.NONE).result()).isEqualTo(ALL);
    }

    @Test
    void theScoreOfRunningProcessesStays() {
        var change = ResourceChange.of(ALL, new LinuxResources(0, 0, 0, 0, 900, "", "", Map.of(), Map.of(), 0));

        assertThat(change.result()).isEqualTo(ALL);
        assertThat(change.isNothing()).isTrue();
    }

    @Test
    void periodAndQuotaAreToldTogether() {
        var change = ResourceChange.of(ALL, new LinuxResources(0, -1, 0, 0, 0, "", "", Map.of(), Map.of(), 0));

        assertThat(change.told().cpuPeriod()).isEqualTo(100_000);
        assertThat(change.told().cpuQuota()).isEqualTo(-1);
        assertThat(change.result().cpuQuota()).isEqualTo(-1);
    }

    /** In bytes: memory, and memory with swap, before, asked for, and afterwards. */
    @ParameterizedTest
    @CsvSource({
        "64, 0, 128, 0, 128, 0",
        "64, 64, 128, 0, 128, 128",
        "64, 64, 32, 0, 32, 32",
        "64, 96, 80, 0, 80, 96",
        "64, 96, 128, 0, 128, 128",
        "64, 96, 32, 0, 32, 96",
        "64, 96, -1, 0, -1, -1",
        "64, -1, 128, 0, 128, -1",
        "64, 96, 0, 200, 64, 200",
        "64, 96, 128, 256, 128, 256"
    })
    void theLimitOfMemoryAndSwapGoesAlongWithThatOfMemory(
            long memory, long swap, long wantedMemory, long wantedSwap, long memoryAfter, long swapAfter) {
        var change = ResourceChange.of(memory(memory, swap), memory(wantedMemory, wantedSwap));

        assertThat(change.result()).isEqualTo(memory(memoryAfter, swapAfter));
        assertThat(change.told()).isEqualTo(memory(memoryAfter, swapAfter));
    }
}
