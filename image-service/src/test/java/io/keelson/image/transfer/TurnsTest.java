package io.keelson.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
    private static final long LARGE = Turns.SMALL_BYTES + 1;

    private final List<String> order = new CopyOnWriteArrayList<>();

    /** In a thread that waits for its turn and ends it. */
    private Thread queued(Turns turns, Object pull, String name) {
        var thread = Thread.ofVirtual().start(() -> {
            try (var _ = turns.take(pull, LARGE)) {
                order.add(name);
            }
        });
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return thread;
    }

    @Test
    void thePullWithTheFewestUnderWayIsNext() throws InterruptedException {
        var turns = new Turns(2);
        var many = new Object();
        var first = turns.take(many, LARGE);
        var second = turns.take(many, LARGE);
        var third = queued(turns, many, "many's third");
        var fourth = queued(turns, many, "many's fourth");
        var few = queued(turns, new Object(), "few's first");

        first.close();
        few.join();
        third.join();
        fourth.join();

        assertThat(order).containsExactly("few's first", "many's third", "many's fourth");
        second.close();
    }

    @Test
    void aSmallLayerNeedsNoPlaceOfALargeOne() {
        var turns = new Turns(1);
        var pull = new Object();
        try (var _ = turns.take(pull, LARGE)) {
            turns.take(pull, Turns.SMALL_BYTES).close();
            turns.take(pull, 0).close();
        }
    }

    @Test
    void whoIsInterruptedLeavesItsPlaceToOthers() {
        var turns = new Turns(1);
        var pull = new Object();
        var held = turns.take(pull, LARGE);
        var failure = new CompletableFuture<Throwable>();
        var waiting = Thread.ofVirtual()
                .start(() -> failure.complete(
                        catchThrowable(() -> turns.take(pull, LARGE).close())));
        await().until(() -> waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();
        assertThat(failure.join())
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.CANCELLED));
        held.close();
        turns.take(pull, LARGE).close();
    }
}
