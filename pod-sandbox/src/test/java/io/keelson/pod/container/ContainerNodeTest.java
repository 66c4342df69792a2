package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.cgroup.CgroupLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerNodeTest {
    @Test
    void grantsWhatTheDaemonItselfMayHaveAndNoMore() throws IOException {
        var node = ContainerNode.current(new CgroupLayout.Legacy(Map.of()), List.of());

        var granted = node.capabilities().all().granted();
        assertThat(granted).hasSize(Long.bitCount(boundingSet()));
        assertThat(granted.contains("CAP_SYS_RESOURCE")).isEqualTo((boundingSet() >> 24 & 1) == 1);
    }

    private static long boundingSet() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElseThrow();
    }
}
