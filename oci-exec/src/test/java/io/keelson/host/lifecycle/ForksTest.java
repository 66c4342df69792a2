package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ForksTest {
    @Test
    void resultsComeInTheOrderOfTheTasks() {
        var gate = new CountDownLatch(1);

        var results = Forks.join(List.<Callable<String>>of(
                () -> {
                    gate.await();
                    return "slow";
                },
                () -> {
                    gate.countDown();
                    return "fast";
                }));

        assertThat(results).containsExactly("slow", "fast");
    }

    @Test
    void nothingToDoIsDone() {
        assertThat(Forks.join(List.<Callable<String>>of())).isEmpty();
    }

    @Test
    void theFirstFailureInterruptsTheOthersAndIsThrownAfterTheirEnd() {
        var ended = new AtomicBoolean();
        var begun = new CountDownLatch(1);
        var tasks = List.<Callable<String>>of(
                () -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                        return "never";
                    } finally {
                        ended.set(true);
                    }
                },
                () -> {
                    begun.await();
                    throw Failure.invalid("first");
                });

        assertThatThrownBy(() -> Forks.join(tasks)).isInstanceOf(Failure.class).hasMessage("first");
        assertThat(ended).isTrue();
    }

    @Test
    void aCheckedExceptionBecomesOurOwnBug() {
        assertThatThrownBy(() -> Forks.join(List.<Callable<String>>of(() -> {
                    throw new IOException("on purpose");
                })))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INTERNAL))
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void anInterruptOfTheCallerEndsTheTasksAndIsKept() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var taskInterrupted = new AtomicBoolean();
        var outcome = new AtomicReference<Failure>();
        var flag = new ArrayList<Boolean>();
        var caller = Thread.ofPlatform().start(() -> {
            try {
                Forks.join(List.<Callable<String>>of(() -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        taskInterrupted.set(true);
                        throw e;
                    }
                    return "never";
                }));
            } catch (Failure e) {
                outcome.set(e);
                flag.add(Thread.currentThread().isInterrupted());
            }
        });
        begun.await();

        caller.interrupt();
        caller.join();

        assertThat(outcome.get().kind()).isEqualTo(Failure.Kind.CANCELLED);
        assertThat(flag).containsExactly(true);
        assertThat(taskInterrupted).isTrue();
    }
}
