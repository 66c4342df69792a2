package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.proto.VersionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * That a daemon lives through what is done to it: while it happens it answers others, half of them within a second, and soon afterwards
 * it has no more threads, descriptors and memory than before. Begins with {@link #watch}; its end is the judgement.
 */
final class Vitals implements AutoCloseable {
    private static final Duration PROMPT = Duration.ofSeconds(1);
    /** For the slowest of a hundred: others may be at work on the same machine. */
    private static final Duration PATIENT = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(20);
    /** Memory is given back when the daemon has had nothing to do for a while. */
    private static final Duration SETTLE = Duration.ofSeconds(60);

    private static final int SLACK = 5;
    private static final long MOST_GROWTH_KIB = 64 << 10;
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private final Node node;
    private final long pid;
    private final Look before;
    private final Thread pulse;
    private volatile boolean isOver;
    private final List<Duration> answers = Collections.synchronizedList(new ArrayList<>());

    private record Look(int threads, int descriptors, long residentKib) {}

    private Vitals(Node node) throws IOException {
        this.node = node;
        pid = node.pid();
        before = look();
        pulse = Thread.ofPlatform().daemon().name("pulse").start(this::pulse);
    }

    static Vitals watch(Node node) throws IOException {
        return new Vitals(node);
    }

    private void pulse() {
        while (!isOver) {
            answers.add(answer());
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private Duration answer() {
        var begin = System.nanoTime();
        try {
            node.cri().runtime(Requests.DEADLINE).version(VersionRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            return Requests.DEADLINE;
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private Look look() throws IOException {
        var process = Path.of("/proc", Long.toString(pid));
        try (var descriptors = Files.list(process.resolve("fd"))) {
            return new Look((int) number(process, "Threads:"), (int) descriptors.count(), number(process, "VmRSS:"));
        }
    }

    private static long number(Path process, String field) throws IOException {
        for (var line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith(field)) {
                var match = NUMBER.matcher(line);
                if (match.find()) {
                    return Long.parseLong(match.group());
                }
            }
        }
        throw new AssertionError("no " + field);
    }

    @Override
    public void close() {
        isOver = true;
        try {
            pulse.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(answers).as("answers of Version").isNotEmpty();
        Collections.sort(answers);
        assertThat(quantile(0.5))
                .as("median of %d answers of Version", answers.size())
                .isLessThan(PROMPT);
        assertThat(quantile(0.99))
                .as("p99 of %d answers of Version", answers.size())
                .isLessThan(PATIENT);
        assertThat(node.pid()).isEqualTo(pid);
        Awaitility.await("as before: " + before).atMost(SETTLE).untilAsserted(() -> {
            var now = look();
            assertThat(now.threads()).as("threads").isLessThanOrEqualTo(before.threads() + SLACK);
            assertThat(now.descriptors()).as("descriptors").isLessThanOrEqualTo(before.descriptors() + SLACK);
            assertThat(now.residentKib())
                    .as("KiB resident")
                    .isLessThanOrEqualTo(before.residentKib() + MOST_GROWTH_KIB);
        });
        assertThat(answer()).isLessThan(PROMPT);
    }

    private Duration quantile(double part) {
        return answers.get((int) Math.ceil(answers.size() * part) - 1);
    }
}
