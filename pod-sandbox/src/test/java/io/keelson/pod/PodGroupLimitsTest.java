package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.LinuxResources;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodGroupLimitsTest {
    private static LinuxResources resources(long period, long quota, long shares, long memory) {
        return new LinuxResources(period, quota, shares, memory, 0, "", "", Map.of(), Map.of(), 0);
    }

    private static LinuxResources limits(LinuxResources containers, LinuxResources overhead) {
        return PodGroupLimits.of(new PodLimits(overhead, containers));
    }

    @Test
    void aPodMayUseWhatItsContainersMayAndItsOverhead() {
        assertThat(limits(resources(100_000, 50_000, 512, 1000), resources(0, 10_000, 128, 24)))
                .isEqualTo(resources(100_000, 60_000, 640, 1024));
        assertThat(limits(resources(50_000, 50_000, 0, 0), resources(100_000, 10_000, 0, 0)))
                .as("another period")
                .isEqualTo(resources(50_000, 55_000, 0, 0));
    }

    @Test
    void whatItsContainersMayUseWithoutLimitHasNone() {
        assertThat(limits(LinuxResources.NONE, resources(0, 10_000, 128, 24))).isEqualTo(LinuxResources.NONE);
        assertThat(limits(resources(0, -1, 0, -1), resources(0, 10_000, 128, 24)))
                .isEqualTo(LinuxResources.NONE);
    }

    @Test
    void whatIsTooLargeForANumberIsTheLargest() {
        assertThat(limits(resources(0, 0, 0, Long.MAX_VALUE - 1), resources(0, 0, 0, 24))
                        .memoryLimitBytes())
                .isEqualTo(Long.MAX_VALUE);
    }
}
