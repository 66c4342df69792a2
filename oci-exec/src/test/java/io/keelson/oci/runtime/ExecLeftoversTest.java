package io.keelson.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecLeftoversTest {
    /** Begins to listen for the end of its command after it, as runc may. */
    private static final String LISTENS_LATE = """
            my $pid = fork // die;
            exit 7 unless $pid;
            open my $file, '>', "$ARGV[0].new" or die; print $file $pid; close $file;
            rename "$ARGV[0].new", $ARGV[0] or die;
            while (1) {
                open my $stat, '<', "/proc/$pid/stat" or die;
                last if <$stat> =~ /\\) Z /;
            }
            $SIG{CHLD} = sub { waitpid $pid, 0; exit $? >> 8 };
            sleep 1 while 1;
            """;

    @Test
    void aRuntimeThatMissedTheEndOfItsCommandHearsOfItAgain(@TempDir Path directory) {
        var pidFile = directory.resolve("pid");
        var command = Command.of(List.of("/usr/bin/perl", "-e", LISTENS_LATE, pidFile.toString()))
                .within(Duration.ofSeconds(30));

        try (var _ = new ExecLeftovers(pidFile, Duration.ofMillis(10), () -> {})) {
            var finished = new SpawnedProcesses().run(command);

            assertThat(finished.timedOut()).isFalse();
            assertThat(finished.exitCode()).isEqualTo(7);
        }
        assertThat(pidFile).doesNotExist();
    }
}
