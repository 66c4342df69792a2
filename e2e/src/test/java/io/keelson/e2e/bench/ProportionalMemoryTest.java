package io.keelson.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProportionalMemoryTest {
    private static final String LOGS = "/tmp/bench1/containerd/logs";

    @TempDir
    Path proc;

    @BeforeEach
    void daemon() throws IOException {
        process(10, 1, 1024, "/usr/bin/containerd");
        Files.createDirectory(proc.resolve("sys"));
    }

    private void process(long pid, long parent, long kibibytes, String... arguments) throws IOException {
        var directory = Files.createDirectory(proc.resolve(Long.toString(pid)));
        Files.writeString(directory.resolve("cmdline"), String.join("\0", arguments) + "\0");
        Files.writeString(directory.resolve("environ"), "PATH=/usr/bin\0");
        Files.writeString(directory.resolve("status"), "Name:\tx\nPid:\t" + pid + "\nPPid:\t" + parent + "\n");
        Files.writeString(
                directory.resolve("smaps_rollup"),
                "00400000-7fff [rollup]\nRss:   9999 kB\nPss:   " + kibibytes + " kB\nPss_Dirty:   7 kB\n");
    }

    private double measured() throws IOException {
        return new ProportionalMemory(proc).mebibytes(10, LOGS);
    }

    @Test
    void theShimsOfTheNodeCountWhateverVersionTheirFileIsNamedBy() throws IOException {
        process(11, 1, 2048, "/bin/containerd-shim-runc-v2-v2.3.4", "-address", "/tmp/bench1/containerd/cri.sock");
        process(12, 1, 4096, "containerd-shim-runc-v2", "-address", "/tmp/bench1/containerd/cri.sock");

        assertThat(measured()).isEqualTo(7);
    }

    @Test
    void monitorsCountAndContainersDoNot() throws IOException {
        process(11, 1, 512, "/usr/bin/conmon", "--bundle=/tmp/bench1/containerd/state/x");
        process(12, 11, 4096, "sleep", "1000000");

        assertThat(measured()).isEqualTo(1.5);
    }

    @Test
    void pausesCountBelowAShimOfTheNodeOnly() throws IOException {
        process(11, 1, 1024, "containerd-shim-runc-v2", "-address", "/tmp/bench1/containerd/cri.sock");
        process(12, 11, 512, "/pause");
        process(13, 99, 512, "/pause");

        assertThat(measured()).isEqualTo(2.5);
    }

    @Test
    void whatServesAnotherNodeDoesNotCount() throws IOException {
        process(11, 1, 1024, "/usr/bin/conmon", "--bundle=/tmp/bench1/keelson/state/x");
        process(12, 1, 1024, "/usr/bin/conmon", "--bundle=/tmp/bench1/containerd2/state/x");

        assertThat(measured()).isEqualTo(1);
    }
}
