package io.keelson.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class EventLineTest {
    @Test
    void beginsWithTheJournalsPriority() {
        assertThat(line(Level.ERROR, "m", null)).startsWith("<3>time=");
        assertThat(line(Level.WARN, "m", null)).startsWith("<4>");
        assertThat(line(Level.INFO, "m", null)).startsWith("<6>");
        assertThat(line(Level.DEBUG, "m", null)).startsWith("<7>");
    }

    @Test
    void writesPairsAndMessage() {
        assertThat(line(Level.INFO, "it is ready", null, new KeyValuePair("event", "serving")))
                .endsWith(" level=info logger=server.X event=serving msg=\"it is ready\"\n");
    }

    @Test
    void staysOneLineWhateverComesFromOutside() {
        var line = line(
                Level.INFO,
                "a\n<3>time=forged\r\u2028\"x\"",
                new IllegalStateException("b\nc"),
                new KeyValuePair("image", "x y=z\n"));

        assertThat(line).endsWith("\n");
        assertThat(line.strip().lines()).hasSize(1);
        assertThat(line)
                .contains("image=\"x y=z\\n\"")
                .contains("msg=\"a\\n<3>time=forged\\u000d\\u2028\\\"x\\\"\"")
                .contains(" stack=\"java.lang.IllegalStateException: b\\nc");
    }

    private static String line(Level level, String message, @Nullable Throwable thrown, KeyValuePair... pairs) {
        var logger = new LoggerContext().getLogger("io.keelson.server.X");
        var event = new LoggingEvent("x", logger, level, message, thrown, null);
        for (var pair : pairs) {
            event.addKeyValuePair(pair);
        }
        return new String(new EventLine().encode(event), StandardCharsets.UTF_8);
    }
}
