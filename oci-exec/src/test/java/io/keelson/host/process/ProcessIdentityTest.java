package io.keelson.host.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Pidfd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProcessIdentityTest {
    private static final Path ROOT = Path.of("/");

    private final Processes processes = new SpawnedProcesses();

    @Test
    void thisProcessIsAliveAndSurvivesARoundTripThroughJson() {
        var self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();

        assertThat(self.isAlive()).isTrue();
        assertThat(ProcessIdentity.fromJson(self.toJson())).isEqualTo(self);
    }

    @Test
    void anotherProcessWithTheSameNumberIsNotTheSame() {
        var self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
        var earlier = new ProcessIdentity(self.pid(), self.startTicks() - 1);

        assertThat(earlier.isAlive()).isFalse();
        assertThat(earlier.open()).isEmpty();
    }

    @Test
    void aProcessThatEndedIsNeitherAliveNorOpened() {
        try (var child = processes.start(List.of("/bin/sleep", "987"), Map.of(), ROOT, Map.of())) {
            var identity = ProcessIdentity.of(child.pid()).orElseThrow();
            try (var opened = identity.open().orElseThrow()) {
                assertThat(identity.isAlive()).isTrue();
                opened.sendSignal(Pidfd.SIGKILL);
                assertThat(opened.awaitExit(Deadline.in(Duration.ofSeconds(10))))
                        .isTrue();
            }

            assertThat(identity.isAlive()).isFalse();
            assertThat(identity.open()).isEmpty();
            child.await(Deadline.in(Duration.ofSeconds(10)));
            assertThat(ProcessIdentity.of(identity.pid())).isEmpty();
        }
    }

    @Test
    void aNameWithParenthesesAndSpacesIsNoObstacle() throws Exception {
        try (var child = processes.start(
                List.of("/bin/sh", "-c", "printf 'a) R 1 (b' > /proc/$$/comm; kill -STOP $$"),
                Map.of(),
                ROOT,
                Map.of())) {
            while (!Files.readString(Path.of("/proc/" + child.pid() + "/stat")).contains("(a) R 1 (b)")) {
                Thread.sleep(5);
            }
            assertThat(ProcessIdentity.parent(child.pid()))
                    .isEqualTo(ProcessHandle.current().pid());
            child.pidfd().sendSignal(Pidfd.SIGKILL);
        }
    }

    @Test
    void thereIsNoProcessOfANumberThatCannotBe() {
        assertThat(ProcessIdentity.of(1L << 40)).isEmpty();
        assertThat(new ProcessIdentity(1L << 40, 1).open()).isEmpty();
    }
}
