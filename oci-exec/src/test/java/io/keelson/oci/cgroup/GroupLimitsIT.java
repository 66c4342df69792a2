package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The kernel takes the limits of a group. Needs root. */
class GroupLimitsIT {
    private final Cgroups cgroups = Cgroups.detect(Path.of("/sys/fs/cgroup"));
    private final String parent = "/kltest" + ThreadLocalRandom.current().nextInt(1 << 20);
    private final String group = parent + "/pod";

    @AfterEach
    void remove() {
        cgroups.remove(parent);
    }

    private static LinuxResources limits(long period, long quota, long shares, long memory) {
        return new LinuxResources(period, quota, shares, memory, 0, "", "", Map.of(), Map.of(), 0);
    }

    private String read(String controller, String file) throws Exception {
        return Files.readString(
                        cgroups.directory(group, controller).orElseThrow().resolve(file))
                .strip();
    }

    @Test
    void theKernelHasWhatWasAskedFor() throws Exception {
        assumeTrue(!cgroups.layout().isUnified(), "this node has version 2: its files are others");
        cgroups.limit(group, limits(50_000, 25_000, 512, 64 << 20));

        assertThat(read("memory", "memory.limit_in_bytes")).isEqualTo(Long.toString(64 << 20));
        assertThat(read("cpu", "cpu.shares")).isEqualTo("512");
        assertThat(read("cpu", "cpu.cfs_period_us")).isEqualTo("50000");
        assertThat(read("cpu", "cpu.cfs_quota_us")).isEqualTo("25000");
    }

    @Test
    void whatTheKernelRefusesIsSaid() {
        assertThatThrownBy(() -> cgroups.limit(group, limits(5, 25_000, 0, 0)))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("does not take");
    }
}
