package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a child process, whose descriptors nobody else opens and closes. */
class ProcessFilesIT {
    private static final long NOBODY = 1L << 30;

    @ParameterizedTest
    @ValueSource(strings = {"0", "65534"})
    void theLimitOfAnyUsersProcessIsTold(String user) throws Exception {
        var process = new ProcessBuilder(
                        "setpriv",
                        "--reuid",
                        user,
                        "--clear-groups",
                        "sh",
                        "-c",
                        "ulimit -Sn 321; echo ready; read -r _")
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            assertThat(ProcessFiles.softLimit(process.pid())).hasValue(321);
            assertThat(ProcessFiles.softLimit(NOBODY)).isEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** More than fit into what is listed at once, so that no entry is lost where the next piece begins. */
    @Test
    void countsWhatIsOpenAndTheSocketsAmongIt() throws Exception {
        try (var listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var process = new ProcessBuilder("bash", "-c", """
                    for number in $(seq 20 419); do eval "exec $number</dev/null"; done
                    exec 420<>/dev/tcp/127.0.0.1/%d
                    echo ready
                    read -r _
                    """.formatted(listening.getLocalPort())).start();
            try {
                assertThat(process.inputReader().readLine()).isEqualTo("ready");
                var directory = Path.of("/proc/" + process.pid() + "/fd");
                long open;
                try (var listed = Files.list(directory)) {
                    open = listed.count();
                }

                var files = ProcessFiles.of(List.of(process.pid(), NOBODY));

                assertThat(files.descriptors()).isEqualTo(open).isGreaterThan(400);
                assertThat(files.sockets()).hasValue(1);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
