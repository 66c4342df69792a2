package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessGroupTest {
    private static final Path CPU = Path.of("/sys/fs/cgroup/cpu,cpuacct");
    private static final Path SYSTEMD = Path.of("/sys/fs/cgroup/systemd");
    private static final Path UNIFIED = Path.of("/sys/fs/cgroup/unified");
    private static final Map<String, Path> HIERARCHIES = Map.of("cpu", CPU, "cpuacct", CPU, "systemd", SYSTEMD);

    private static final String LINES = """
            4:cpu,cpuacct:/keelson/monitors
            3:rdma:/
            1:name=systemd:/user:1
            0::/of/all
            """;

    @Test
    void linesAreOfTheHierarchiesThatAreMounted() {
        assertThat(ProcessGroup.parse(new CgroupLayout.Hybrid(HIERARCHIES, UNIFIED, List.of()), LINES))
                .containsExactly(
                        new ProcessGroup(CPU, "/keelson/monitors"),
                        new ProcessGroup(SYSTEMD, "/user:1"),
                        new ProcessGroup(UNIFIED, "/of/all"));
        assertThat(ProcessGroup.parse(new CgroupLayout.Legacy(HIERARCHIES), LINES))
                .extracting(ProcessGroup::root)
                .containsExactly(CPU, SYSTEMD);
        assertThat(ProcessGroup.parse(new CgroupLayout.Unified(UNIFIED), LINES))
                .containsExactly(new ProcessGroup(UNIFIED, "/of/all"));
    }

    @Test
    void aGroupIsFoundWhereItsHierarchyIsMountedFromAGroupOn() {
        var group = new ProcessGroup(CPU, "/a/node/keelson/monitors");

        assertThat(group.is("/keelson/monitors")).isTrue();
        assertThat(group.is("/keelson")).isFalse();
        assertThat(group.directory()).isEqualTo(CPU.resolve("a/node/keelson/monitors"));
    }
}
