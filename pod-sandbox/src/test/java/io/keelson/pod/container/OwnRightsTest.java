package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.Rlimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnRightsTest {
    private static final long SYS_RESOURCE = 1L << 24;

    @TempDir
    Path process;

    private OwnRights rights(long effective) throws IOException {
        Files.writeString(
                process.resolve("status"), "Name:\tx\nCapEff:\t%016x\nCapBnd:\t%016x\n".formatted(effective, 5));
        Files.writeString(process.resolve("oom_score_adj"), "-7\n");
        Files.writeString(process.resolve("limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max processes             100                  unlimited            processes
                Max open files            1024                 2048                 files
                Max file locks            unlimited            9                    locks
                """);
        return OwnRights.read(process);
    }

    @Test
    void withoutTheCapabilityNothingGoesBeyondOnesOwn() throws IOException {
        var rights = rights(~SYS_RESOURCE);

        assertThat(rights.bounding()).isEqualTo(5);
        assertThat(rights.lowestOomScore()).isEqualTo(-7);
        assertThat(rights.possible(List.of(
                        Rlimit.parse("nofile=2048"),
                        Rlimit.parse("nofile=5:2049"),
                        Rlimit.parse("nproc=-1"),
                        Rlimit.parse("core=-1"))))
                .containsExactly(
                        Rlimit.parse("nofile=2048"),
                        Rlimit.parse("nofile=5:2048"),
                        Rlimit.parse("nproc=-1"),
                        Rlimit.parse("core=-1"));
    }

    @Test
    void withItEverythingGoes() throws IOException {
        var rights = rights(SYS_RESOURCE);

        assertThat(rights.lowestOomScore()).isEqualTo(-1000);
        assertThat(rights.possible(List.of(Rlimit.parse("nofile=9999")))).containsExactly(Rlimit.parse("nofile=9999"));
    }

    @Test
    void everyLineOfTheKernelsIsKnown() throws IOException {
        var lines = Files.readAllLines(Path.of("/proc/self/limits")).size() - 1;

        assertThat(OwnRights.read(Path.of("/proc/self")).hardLimits()).hasSize(lines);
    }
}
