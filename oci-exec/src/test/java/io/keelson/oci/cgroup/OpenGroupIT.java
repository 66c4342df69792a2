package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The kernel's own files, looked at in quick succession. Needs root. */
class OpenGroupIT {
    private static final LinuxResources ROOMY = new LinuxResources(0, 0, 0, 1 << 28, 0, "", "", Map.of(), Map.of(), 0);

    private final Cgroups cgroups = Cgroups.detect(Path.of("/sys/fs/cgroup"));
    private final String group = "/kltest" + ThreadLocalRandom.current().nextInt(1 << 20);
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void remove() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
        cgroups.remove(group);
    }

    /** The list of an open descriptor is that of the first read of it, in version 1, as long as it is read more than once a second. */
    @Test
    void whatLeftTheGroupIsNotInTheNextLook() throws Exception {
        cgroups.limit(group, ROOMY);
        var first = join();
        var second = join();
        try (var open = cgroups.open(group)) {
            assertThat(open.look().processes()).containsExactlyInAnyOrder(first.pid(), second.pid());

            first.destroyForcibly().waitFor();

            assertThat(open.look().processes()).containsExactly(second.pid());
        }
    }

    private Process join() throws Exception {
        var process = new ProcessBuilder("sleep", "1000").start();
        processes.add(process);
        var controller = cgroups.layout().isUnified() ? "" : "memory";
        Files.writeString(
                cgroups.directory(group, controller).orElseThrow().resolve("cgroup.procs"),
                Long.toString(process.pid()));
        return process;
    }
}
