package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Keelson;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What the real crictl sees of the daemon. */
class CrictlIT {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path directory;

    private Node node;

    @BeforeEach
    void startDaemon() throws Exception {
        node = Node.start(directory, new Keelson(), Setup.bare());
    }

    @AfterEach
    void stopDaemon() {
        node.close();
    }

    @Test
    void versionNamesTheRuntimeAndTheApi() throws Exception {
        var said = node.crictl("version");

        assertThat(said.stdout())
                .containsPattern("Version: +0\\.1\\.0")
                .containsPattern("RuntimeName: +keelson")
                .containsPattern("RuntimeVersion: +\\d+\\.\\d+\\.\\d+")
                .containsPattern("RuntimeApiVersion: +v1");
    }

    @Test
    void infoSaysWhatIsNotReadyAndWhy() throws Exception {
        var info = JSON.readTree(node.crictl("info").stdout());

        var conditions = info.at("/status/conditions");
        assertThat(conditions.findValuesAsString("type")).contains("RuntimeReady", "NetworkReady");
        for (var condition : conditions) {
            if (!condition.get("status").booleanValue()) {
                assertThat(condition.get("message").stringValue()).isNotBlank();
            }
        }
    }

    @Test
    void imagefsinfoNamesAFileSystemThatExists() throws Exception {
        var answer = JSON.readTree(node.crictl("imagefsinfo").stdout());

        var mountPoint = answer.at("/status/imageFilesystems/0/fsId/mountpoint").stringValue();
        assertThat(Path.of(mountPoint)).exists();
    }

    @Test
    void aCallThatIsNotBuiltAnswersUnimplemented() throws Exception {
        var said = node.crictl("checkpoint", "--export=" + directory.resolve("checkpoint.tar"), "0123");

        assertThat(said.exitCode()).isNotZero();
        assertThat(said.stderr()).contains("Unimplemented");
    }

    @Test
    void theSocketIsForRootAndItsGroupAlone() throws Exception {
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(node.place().socket())))
                .isEqualTo("rw-rw----");
    }

    @Test
    void aSecondDaemonOnTheSameRootsRefusesAndTheFirstGoesOn() throws Exception {
        var second = node.startAnother();

        assertThat(second.exitCode()).isNotZero();
        assertThat(second.stdout() + second.stderr())
                .contains(node.place().root().toString());
        assertThat(node.crictl("version").exitCode()).isZero();
    }

    @Test
    void afterKillTheStaleSocketIsReplaced() throws Exception {
        node.kill();
        node.restart();

        assertThat(node.crictl("version").exitCode()).isZero();
    }

    @Test
    void sigtermEndsItWithinTenSeconds() throws Exception {
        assertThat(node.terminate()).isLessThan(Duration.ofSeconds(10));
        assertThat(node.crictl("version").exitCode()).isNotZero();
    }
}
