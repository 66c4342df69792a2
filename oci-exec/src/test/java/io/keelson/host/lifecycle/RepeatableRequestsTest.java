package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
@Tag("trap-3")
class RepeatableRequestsTest {
    private final RepeatableRequests<String, String, String> requests = new RepeatableRequests<>();
    private final AtomicInteger runs = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    @Test
    void theSameRequestFindsTheWorkWhoseCallerHasLeft() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> requests.run("web", "one container", this::work));
            begun.await();
            first.cancel(true);
            var again = new FutureTask<>(() -> requests.run("web", "one container", this::work));
            var asking = Thread.ofVirtual().start(again);
            while (asking.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            gate.countDown();

            assertThat(again.get()).isEqualTo("result 1");
        }
    }

    @Test
    void anotherRequestUnderTheNameIsRefusedAtOnce() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> requests.run("web", "one container", this::work));
            begun.await();

            assertThatThrownBy(() -> requests.run("web", "two containers", this::work))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.ALREADY_EXISTS));

            gate.countDown();
            assertThat(first.get()).isEqualTo("result 1");
        }
    }

    @Test
    void afterAFailureTheNameIsFree() {
        gate.countDown();
        assertThatThrownBy(() -> requests.run("web", "bad", () -> {
                    throw Failure.invalid("bad");
                }))
                .hasMessage("bad");

        assertThat(requests.run("web", "good", this::work)).isEqualTo("result 1");
    }

    private String work() {
        begun.countDown();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError("the work was interrupted", e);
        }
        return "result " + runs.incrementAndGet();
    }
}
