package io.keelson.server.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.server.events.Subscription.State;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LifeEventsTest {
    private static final PodId POD = new PodId("a".repeat(64));

    private final LifeEvents events = new LifeEvents(
            new PodCatalog(new PodPaths(Path.of("root"), Path.of("state"))),
            new ContainerCatalog(new ContainerPaths(Path.of("root"), Path.of("state"))),
            () -> Instant.ofEpochSecond(1000));

    @Test
    void tellsEverySubscriberEverythingFromThenOnInOneOrder() {
        change("before");
        var first = events.subscribe(_ -> {});
        change("one");
        var second = events.subscribe(_ -> {});
        change("two");

        assertThat(ids(first)).containsExactly("one", "two");
        assertThat(ids(second)).containsExactly("two");
        assertThat(first.state()).isEqualTo(State.OPEN);
    }

    @Test
    @Tag("C1")
    void timesGrowThoughTheClockStandsStill() {
        var subscription = events.subscribe(_ -> {});
        change("one");
        change("two");

        var one = subscription.next().orElseThrow();
        var two = subscription.next().orElseThrow();
        assertThat(one.at()).isEqualTo(Instant.ofEpochSecond(1000));
        assertThat(two.at()).isAfter(one.at());
    }

    @Test
    void saysThatThereIsNews() {
        var news = new AtomicInteger();
        events.subscribe(_ -> news.incrementAndGet());
        change("one");
        events.close();

        assertThat(news).hasValue(2);
    }

    @Test
    void leavesBehindWhoDoesNotReadAndNobodyElse() {
        var slow = events.subscribe(_ -> {});
        var quick = events.subscribe(_ -> {});
        for (var number = 0; number < Subscription.MOST_WAITING; number++) {
            change("c" + number);
            quick.next();
        }
        assertThat(slow.state()).isEqualTo(State.OPEN);

        change("one too many");

        assertThat(slow.state()).isEqualTo(State.OVERRUN);
        assertThat(slow.next()).isEmpty();
        assertThat(quick.state()).isEqualTo(State.OPEN);
        assertThat(ids(quick)).containsExactly("one too many");
    }

    @Test
    void aClosedSubscriptionHearsNothing() {
        var subscription = events.subscribe(_ -> {});
        subscription.close();
        change("one");

        assertThat(subscription.next()).isEmpty();
    }

    @Test
    void itsEndIsTheEndOfAllSubscriptions() {
        var subscription = events.subscribe(_ -> {});
        events.close();

        assertThat(subscription.state()).isEqualTo(State.FINISHED);
    }

    private void change(String container) {
        events.containerChanged(Change.CREATED, container, POD);
    }

    private static List<String> ids(Subscription subscription) {
        var ids = new ArrayList<String>();
        for (Optional<LifeReport> next = subscription.next(); next.isPresent(); next = subscription.next()) {
            ids.add(next.get().id());
        }
        return ids;
    }
}
