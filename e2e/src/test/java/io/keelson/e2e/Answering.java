package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import io.keelson.proto.VersionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks the daemon for its version all the while, as kubelet's health check would, and remembers the slowest answer. The time in
 * which threads of the daemon or of this process were ready and were given no processor is taken off: it tells of the machine.
 */
final class Answering implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

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
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                var took = ask();
                if (took.compareTo(slowest) > 0) {
                    slowest = took;
                }
                answers.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration ask() {
        var waited = nanosWithoutProcessor();
        var begin = System.nanoTime();
        node.cri().runtime(Requests.DEADLINE).version(VersionRequest.getDefaultInstance());
        var took = System.nanoTime() - begin;
        // A thread that ended meanwhile has taken its count along.
        return Duration.ofNanos(took - Math.clamp(nanosWithoutProcessor() - waited, 0, took));
    }

    /** Of all threads of both processes, since they began (Linux, Documentation/scheduler/sched-stats.rst). */
    private long nanosWithoutProcessor() {
        var nanos = 0L;
        for (var pid : List.of(Long.toString(node.pid()), "self")) {
            try (var tasks = Files.newDirectoryStream(Path.of("/proc", pid, "task"))) {
                for (var task : tasks) {
                    nanos += nanosWithoutProcessor(task);
                }
            } catch (IOException e) {
                // The daemon has ended: the call says so.
            }
        }
        return nanos;
    }

    private static long nanosWithoutProcessor(Path task) {
        try {
            return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 3)[1]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Fails if the daemon does not answer now, or did not at once all the while. */
    void assertPrompt() {
        ask();
        assertThat(slowest).as("the slowest of %d answers", answers.get()).isLessThan(LIMIT);
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
