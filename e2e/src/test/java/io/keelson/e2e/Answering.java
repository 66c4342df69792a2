package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.ThreadTimes;
import io.keelson.proto.VersionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Asks the daemon for its version all the while, as kubelet's health check would, and remembers the slowest answer. Taken off is what
 * tells of the machine: the time in which threads of the daemon or of this process were ready and were given no processor, and that
 * in which anybody on the machine waited for a disk.
 */
final class Answering implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Linux, Documentation/accounting/psi.rst; not every kernel has it. */
    private static final Path DISK_PRESSURE = Path.of("/proc/pressure/io");

    private static final Pattern SOME_WAIT = Pattern.compile("(?m)^some .* total=(\\d+)$");

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
        var waited = nanosOfTheMachine();
        var begin = System.nanoTime();
        try {
            node.cri().runtime(Requests.DEADLINE).version(VersionRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            return Requests.DEADLINE;
        }
        var took = System.nanoTime() - begin;
        // A thread that ended meanwhile has taken its count along.
        return Duration.ofNanos(took - Math.clamp(nanosOfTheMachine() - waited, 0, took));
    }

    private long nanosOfTheMachine() {
        return nanosWithoutProcessor() + nanosOfDisks();
    }

    private static long nanosOfDisks() {
        try {
            var some = SOME_WAIT.matcher(Files.readString(DISK_PRESSURE));
            return some.find() ? TimeUnit.MICROSECONDS.toNanos(Long.parseLong(some.group(1))) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Of all threads of both processes, since they began. */
    private long nanosWithoutProcessor() {
        var nanos = 0L;
        for (var pid : List.of(Long.toString(node.pid()), "self")) {
            try {
                nanos += ThreadTimes.of(pid).waitNanos();
            } catch (IOException e) {
                // The daemon has ended: the call says so.
            }
        }
        return nanos;
    }

    /** Fails if the daemon does not answer now, or did not at once all the while. */
    void assertPrompt() {
        assertThat(ask()).as("the answer now").isLessThan(LIMIT);
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
