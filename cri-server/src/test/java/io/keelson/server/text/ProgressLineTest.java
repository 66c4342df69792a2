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
    void whatStaysIsOnALineOfItsOwn() {
        var to = new PrintWriter(out);
        try (var line = new ProgressLine(to, () -> looks.incrementAndGet() > 0 ? "half" : "")) {
            line.show();
            Awaitility.await("a look").until(() -> looks.get() >= 2);
            line.above(() -> to.println("kept"));
        }
        assertThat(out.toString())
                .contains("\rhalf\u001b[K", "\r\u001b[Kkept\n")
                .endsWith("\r\u001b[K");
    }

    @Test
    void bytesAreShownOnceTheirNumberIsKnown() {
        assertThat(ProgressBar.ofBytes(5, 0)).isEmpty();
        assertThat(ProgressBar.ofBytes(1 << 20, 4 << 20))
                .startsWith("[=======  ")
                .endsWith("] 25 % of 4.0 MiB");
    }

    @Test
    void oneThatIsNotShownWritesNothing() {
        new ProgressLine(new PrintWriter(out), () -> "half").close();

        assertThat(out.toString()).isEmpty();
    }
}
