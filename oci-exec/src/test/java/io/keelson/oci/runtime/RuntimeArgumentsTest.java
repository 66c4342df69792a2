package io.keelson.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.cgroup.CgroupDriver;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RuntimeArgumentsTest {
    @Test
    @Tag("T16")
    void whoACommandRunsAsIsNeverOnTheCommandLine() {
        var arguments = new RuntimeArguments(
                new RuntimeHandler("crun", Path.of("/usr/bin/crun"), Path.of("/run/crun"), Map.of()),
                CgroupDriver.CGROUPFS);

        assertThat(arguments.exec(
                        "ab", Optional.of("/group"), Optional.of(Path.of("/pid")), Optional.of(Path.of("/console")), 3))
                .containsExactly(
                        "/usr/bin/crun",
                        "--root=/run/crun",
                        "exec",
                        "--cgroup=/group",
                        "--pid-file=/pid",
                        "--console-socket=/console",
                        "--process",
                        "/proc/self/fd/3",
                        "ab");
    }
}
