package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * That a daemon lives through what is done to it: while it happens it answers others within a second ({@link Answering}), and soon
 * afterwards it has no more threads, descriptors and memory than before. Begins with {@link #watch}; its end is the judgement.
 */
final class Vitals implements AutoCloseable {
    /** Memory is given back when the daemon has had nothing to do for a while. */
    private static final Duration SETTLE = Duration.ofSeconds(60);

    private static final int SLACK = 5;
    private static final long MOST_GROWTH_KIB = 64 << 10;

    private final Node node;
    private final long pid;
    private final ProcessSize before;
    private final Answering answering;

    private Vitals(Node node) throws IOException {
        this.node = node;
        pid = node.pid();
        before = ProcessSize.of(pid);
        answering = new Answering(node);
    }

    static Vitals watch(Node node) throws IOException {
        return new Vitals(node);
    }

    @Override
    public void close() {
        try (answering) {
            assertThat(node.pid()).isEqualTo(pid);
            Awaitility.await("as before: " + before).atMost(SETTLE).untilAsserted(this::assertSettled);
            answering.assertPrompt();
        }
    }

    private void assertSettled() throws IOException {
        var now = ProcessSize.of(pid);
        assertThat(now.threads()).as("threads").isLessThanOrEqualTo(before.threads() + SLACK);
        assertThat(now.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + SLACK);
        assertThat(now.residentKib()).as("KiB resident").isLessThanOrEqualTo(before.residentKib() + MOST_GROWTH_KIB);
    }
}
