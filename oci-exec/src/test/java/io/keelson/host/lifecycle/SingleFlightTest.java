package io.keelson.host.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SingleFlightTest {
    private final SingleFlight<String, String> flights = new SingleFlight<>();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void callersAtTheSameTimeShareOneRun() throws InterruptedException {
        var gate = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<String>>();
            for (var i = 0; i < 20; i++) {
                futures.add(executor.submit(() -> flights.run("image", () -> {
                    awaitUninterrupted(gate);
                    return "result " + runs.incrementAndGet();
                })));
            }
            while (!flights.isFlying("image")) {
                Thread.sleep(1);
            }
            Thread.sleep(50); // the rest joins; one that came too late would run again and fail the test
            gate.countDown();

            assertThat(futures).allSatisfy(future -> assertThat(future.get()).isEqualTo("result 1"));
        }
    }

    /** A retry must not be answered with the failure that it retries, however soon it comes. */
    @Test
    void aLaterCallerRunsAnew() {
        for (var call = 1; call <= 2000; call++) {
            assertThat(flights.run("image", () -> "result " + runs.incrementAndGet()))
                    .isEqualTo("result " + call);
        }
    }

    @Test
    void otherKeysRunOnTheirOwn() {
        var both = new CountDownLatch(2);
        Supplier<String> meet = () -> {
            both.countDown();
            awaitUninterrupted(both);
            return "met";
        };

        assertThat(Forks.join(List.<Callable<String>>of(() -> flights.run("a", meet), () -> flights.run("b", meet))))
                .containsExactly("met", "met");
    }

    @Test
    void whatTheWorkThrowsReachesEveryCaller() {
        Callable<String> failing = () -> {
            try {
                return flights.run("image", () -> {
                    sleep(50);
                    throw Failure.unavailable("run " + runs.incrementAndGet());
                });
            } catch (Failure e) {
                return e.getMessage();
            }
        };

        assertThat(Forks.join(Collections.nCopies(5, failing)))
                .allSatisfy(text -> assertThat(text).startsWith("run "));
        assertThatThrownBy(() -> flights.run("image", () -> {
                    throw Failure.invalid("no");
                }))
                .isInstanceOf(Failure.class)
                .hasMessage("no");
    }

    @Test
    void aCallerThatIsInterruptedLeavesAndTheWorkGoesOnForTheOthers() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Supplier<String> work = () -> {
            begun.countDown();
            awaitUninterrupted(gate);
            return "result " + runs.incrementAndGet();
        };
        var leaving = new AtomicReference<Failure>();
        var staying = new AtomicReference<String>();
        var first = Thread.ofVirtual().start(() -> {
            try {
                flights.run("image", work);
            } catch (Failure e) {
                leaving.set(e);
            }
        });
        begun.await();
        var second = Thread.ofVirtual().start(() -> staying.set(flights.run("image", work)));
        while (second.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }

        first.interrupt();
        first.join();
        gate.countDown();
        second.join();

        assertThat(leaving.get().kind()).isEqualTo(Failure.Kind.CANCELLED);
        assertThat(staying).hasValue("result 1");
    }

    @Test
    void whenTheLastCallerLeavesTheWorkIsInterruptedAndTheNextStartsAfterItsEnd() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var events = Collections.synchronizedList(new ArrayList<String>());
        var caller = Thread.ofVirtual().start(() -> {
            try {
                flights.run("image", () -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        sleep(100); // cleaning up takes a while
                        events.add("first ended");
                    }
                    return "abandoned";
                });
            } catch (Failure e) {
                events.add("caller left");
            }
        });
        begun.await();

        caller.interrupt();
        caller.join();
        var result = flights.run("image", () -> {
            events.add("second began");
            return "fresh";
        });

        assertThat(result).isEqualTo("fresh");
        assertThat(events).containsExactly("caller left", "first ended", "second began");
    }

    @Test
    void workThatGoesOnOutlivesItsCallersAndTheNextOneJoinsIt() throws InterruptedException {
        var going = SingleFlight.<String, String>goingOn();
        var begun = new CountDownLatch(1);
        var gate = new CountDownLatch(1);
        Supplier<String> work = () -> {
            begun.countDown();
            awaitUninterrupted(gate);
            return "result " + runs.incrementAndGet();
        };
        var left = Thread.ofVirtual()
                .start(() -> assertThatThrownBy(() -> going.run("pod", work)).isInstanceOf(Failure.class));
        begun.await();
        left.interrupt();
        left.join();

        assertThat(going.isFlying("pod")).isTrue();
        var joined = new AtomicReference<String>();
        var next = Thread.ofVirtual().start(() -> joined.set(going.run("pod", work)));
        while (next.getState() != Thread.State.WAITING) {
            Thread.sleep(1);
        }
        gate.countDown();
        next.join();

        assertThat(joined).hasValue("result 1");
    }

    @Test
    void atTheEndAllWorkIsInterruptedAndItsWayBackIsWaitedFor() throws InterruptedException {
        var going = SingleFlight.<String, String>goingOn();
        var begun = new CountDownLatch(1);
        var undone = new AtomicReference<String>();
        var heard = new AtomicReference<Failure>();
        var caller = Thread.ofVirtual().start(() -> {
            try {
                going.run("pod", () -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        sleep(50);
                        undone.set("all of it");
                    }
                    return "";
                });
            } catch (Failure e) {
                heard.set(e);
            }
        });
        begun.await();

        going.interruptAll(Deadline.in(Duration.ofSeconds(20)));

        assertThat(undone).hasValue("all of it");
        caller.join();
        assertThat(heard.get().kind()).isEqualTo(Failure.Kind.CANCELLED);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("the work was interrupted", e);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
