package io.keelson.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RuntimeComplaintTest {
    private static String line(String level, String message) {
        return "time=\"2026-01-01T00:00:00Z\" level=" + level + " msg=" + message;
    }

    @Test
    void errorsOfALogAreTakenOutOfIt() {
        assertThat(RuntimeComplaint.of(line("warning", "\"never mind\"") + "\n" + line("error", "\"no \\\"x\\\" here\"")
                        + "\n" + line("fatal", "short")))
                .isEqualTo("no \"x\" here; short");
        assertThat(RuntimeComplaint.of("plain words\n")).isEqualTo("plain words");
        assertThat(RuntimeComplaint.of("")).isEqualTo("it does not say why");
    }

    /** Met when a path in a message had been swapped for a longer one again and again; threads of calls have small stacks. */
    @Test
    void aLongMessageIsCutAndNeedsNoStack() throws InterruptedException {
        var said = new AtomicReference<String>();
        var message = "\"" + "a\\\"".repeat(100_000) + "\"";
        var thread = new Thread(null, () -> said.set(RuntimeComplaint.of(line("error", message))), "small", 256 * 1024);
        thread.start();
        thread.join();

        assertThat(said.get()).isNotNull().startsWith("a\"a\"").hasSize(4096);
    }
}
