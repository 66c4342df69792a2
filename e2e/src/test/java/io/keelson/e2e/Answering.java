package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import io.keelson.proto.VersionRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks the daemon for its version all the while, as kubelet's health check would, and remembers the slowest answer. Times in which
 * this process itself was not given a processor say nothing of the daemon, and are not counted.
 */
final class Answering implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration STARVED = Duration.ofMillis(250);

    private final Node node;
    private final Thread thread;
    private volatile Duration slowest = Duration.ZERO;
    private final AtomicInteger answers = new AtomicInteger();

    Answering(Node node) {
        this.node = node;
        thread = Thread.ofVirtual().name("answering").start(this::askAndAsk);
    }

    private void askAndAsk() {
        try {
            while (!Thread.interrupted()) {
                var begin = System.nanoTime();
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                var isStarved = since(begin).compareTo(PAUSE.plus(STARVED)) > 0;
                var took = ask();
                if (!isStarved && took.compareTo(slowest) > 0) {
                    slowest = took;
                }
                answers.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration ask() {
        var begin = System.nanoTime();
        node.cri().runtime(Requests.DEADLINE).version(VersionRequest.getDefaultInstance());
        return since(begin);
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Fails if the daemon does not answer now, or did not at once all the while. */
    void assertPrompt() {
        ask();
        assertThat(slowest).as("the slowest of %d answers", answers).isLessThan(LIMIT);
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
