package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.Forks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReadinessTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void whatIsReadyAlreadyIsNotWaitedFor() {
        try (var pipe = Descriptors.pipe()) {
            Descriptors.write(pipe.writeEnd(), octet());

            assertThat(Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(Duration.ZERO)))
                    .isTrue();
        }
    }

    @Test
    void theDeadlineEndsTheWaitingAndLeavesNoDescriptor() throws IOException {
        try (var pipe = Descriptors.pipe()) {
            Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(Duration.ofMillis(1)));
            var before = openDescriptors();

            for (var i = 0; i < 20; i++) {
                assertThat(Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(Duration.ofMillis(1))))
                        .isFalse();
            }

            assertThat(openDescriptors()).isLessThan(before + 10);
        }
    }

    @Test
    void aThousandVirtualThreadsWaitForTheSameDescriptor() {
        try (var pipe = Descriptors.pipe()) {
            var tasks = new ArrayList<Callable<Boolean>>();
            for (var i = 0; i < 1000; i++) {
                tasks.add(() -> Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(LONG)));
            }
            tasks.add(() -> {
                Thread.sleep(50);
                return Descriptors.write(pipe.writeEnd(), octet()) == 1;
            });

            assertThat(Forks.join(tasks)).hasSize(1001).containsOnly(true);
        }
    }

    @Test
    void theOtherEndHangingUpIsReadiness() {
        try (var pipe = Descriptors.pipe()) {
            pipe.writeEnd().close();

            assertThat(Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(LONG)))
                    .isTrue();
        }
    }

    @Test
    void anInterruptEndsTheWaitingAndIsKept() {
        try (var pipe = Descriptors.pipe()) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(() -> Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(LONG)))
                    .isInstanceOfSatisfying(
                            Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.CANCELLED));
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void anActionRunsOnceEvenIfItsDescriptorIsClosedMeanwhile() throws InterruptedException {
        var runs = new CountDownLatch(1);
        try (var pipe = Descriptors.pipe()) {
            Readiness.onReady(pipe.readEnd(), Descriptors.POLLIN, _ -> runs.countDown());
            pipe.readEnd().close();
            Descriptors.write(pipe.writeEnd(), octet());
        }

        assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void anActionThatFailsDoesNotStopTheWatching() {
        try (var pipe = Descriptors.pipe()) {
            Readiness.onReady(pipe.readEnd(), Descriptors.POLLIN, _ -> {
                throw new IllegalStateException("on purpose");
            });
            Descriptors.write(pipe.writeEnd(), octet());

            assertThat(isSeenWhenItBecomesReady()).isTrue();
        }
    }

    @Test
    void theDescriptorBecomesReadyWhileWaiting() {
        assertThat(isSeenWhenItBecomesReady()).isTrue();
    }

    private static boolean isSeenWhenItBecomesReady() {
        try (var pipe = Descriptors.pipe()) {
            Thread.ofVirtual().start(() -> Descriptors.write(pipe.writeEnd(), octet()));
            return Readiness.await(pipe.readEnd(), Descriptors.POLLIN, Deadline.in(LONG));
        }
    }

    private static ByteBuffer octet() {
        return ByteBuffer.allocateDirect(1);
    }

    private static long openDescriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }
}
