package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KeyedLocksTest {
    private final KeyedLocks<String> locks = new KeyedLocks<>();
    private int counter;

    @Test
    void oneKeyIsHeldByOneThreadAtATime() {
        var tasks = new ArrayList<Callable<Boolean>>();
        for (var i = 0; i < 50; i++) {
            tasks.add(() -> {
                for (var round = 0; round < 100; round++) {
                    try (var _ = locks.lock("pod")) {
                        counter++;
                    }
                }
                return true;
            });
        }

        Forks.join(tasks);

        assertThat(counter).isEqualTo(5000);
        assertThat(locks.size()).isZero();
    }

    @Test
    void anotherKeyIsNotWaitedFor() throws InterruptedException {
        var done = new CountDownLatch(1);
        try (var _ = locks.lock("one")) {
            Thread.ofVirtual().start(() -> {
                try (var _ = locks.lock("two")) {
                    done.countDown();
                }
            });

            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theHolderMayLockAgain() {
        try (var _ = locks.lock("pod");
                var _ = locks.lock("pod")) {
            assertThat(locks.size()).isEqualTo(1);
        }
        assertThat(locks.size()).isZero();
    }

    @Test
    void anInterruptWhileWaitingIsACancellationAndLeavesNothing() throws InterruptedException {
        var failures = new ArrayList<Failure>();
        try (var _ = locks.lock("pod")) {
            var waiter = Thread.ofPlatform().start(() -> {
                try (var held = locks.lock("pod")) {
                    throw new AssertionError("got " + held);
                } catch (Failure e) {
                    failures.add(e);
                }
            });
            waiter.interrupt();
            waiter.join();
        }

        assertThat(failures).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(Failure.Kind.CANCELLED));
        assertThat(locks.size()).isZero();
    }

    @Test
    void anInterruptedThreadDoesNotGetTheLock() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> locks.lock("pod")).isInstanceOf(Failure.class);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(locks.size()).isZero();
    }
}
