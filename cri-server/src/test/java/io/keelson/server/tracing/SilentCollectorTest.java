package io.keelson.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SilentCollectorTest {
    @Test
    void isSaidAtOnceAndThenOnceInAWhile() {
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var logger = (Logger) LoggerFactory.getLogger(SilentCollector.class);
        // A command that another test ran in this process may have silenced all others.
        logger.setLevel(Level.WARN);
        logger.addAppender(lines);
        try {
            var now = new AtomicLong(-1);
            var silent = new SilentCollector("unix:/c.sock", () -> "no such file", now::get);
            silent.complain(3);
            silent.complain(4);
            now.addAndGet(SilentCollector.BETWEEN.toNanos() - 1);
            silent.complain(5);
            now.incrementAndGet();
            silent.complain(6);
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(null);
        }
        assertThat(lines.list)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.getFormattedMessage())
                        .isEqualTo("cannot send spans to unix:/c.sock: no such file"));
        assertThat(lines.list.getLast().getKeyValuePairs())
                .extracting(Object::toString)
                .contains("lost=\"6\"");
    }
}
