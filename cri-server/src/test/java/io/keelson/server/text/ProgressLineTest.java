package io.keelson.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final StringWriter out = new StringWriter();
    private final AtomicInteger looks = new AtomicInteger();

    @Test
    void theLineIsWrittenAgainAndGoneAtTheEnd() {
        try (var line = new ProgressLine(new PrintWriter(out), () -> looks.incrementAndGet() == 1 ? "" : "half")) {
            line.show();
            Awaitility.await("three looks").until(() -> looks.get() >= 3);
        }
        assertThat(out.toString()).startsWith("\rhalf\u001b[K").endsWith("\r\u001b[K");
    }

    @Test
    void oneThatIsNotShownWritesNothing() {
        new ProgressLine(new PrintWriter(out), () -> "half").close();

        assertThat(out.toString()).isEmpty();
    }
}
