package io.keelson.server.events;

import io.keelson.pod.LifeListener;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerFilter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Reports every change to every subscriber. All reports are in one order, in which their times grow: a subscriber can tell by the
 * time which of two looks at a pod is the newer one. Who subscribes first and lists then misses nothing. Without subscribers a
 * change costs nothing, and a subscriber who does not listen delays nobody.
 */
public final class LifeEvents implements LifeListener, AutoCloseable {
    private final PodCatalog pods;
    private final ContainerCatalog containers;
    private final InstantSource clock;
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final Object order = new Object();
    private final LongAdder lost = new LongAdder();
    private Instant last = Instant.EPOCH;

    public LifeEvents(PodCatalog pods, ContainerCatalog containers, InstantSource clock) {
        this.pods = pods;
        this.containers = containers;
        this.clock = clock;
    }

    /**
     * Reports what happens from now on, until it is closed.
     *
     * @param onNews called whenever there is something to read; it returns at once
     */
    public Subscription subscribe(Consumer<Subscription> onNews) {
        var subscription = new Subscription(onNews, subscriptions::remove);
        subscriptions.add(subscription);
        return subscription;
    }

    @Override
    public void podChanged(Change change, Pod pod) {
        report(change, pod.id().hex(), pod.id(), Optional.of(pod));
    }

    @Override
    public void containerChanged(Change change, String container, PodId pod) {
        report(change, container, pod, Optional.empty());
    }

    private void report(Change change, String id, PodId podId, Optional<Pod> known) {
        if (subscriptions.isEmpty()) {
            return;
        }
        synchronized (order) {
            var at = next();
            var report = new LifeReport(
                    change,
                    id,
                    at,
                    known.or(() -> pods.find(podId.hex())),
                    containers.list(ContainerFilter.ofPod(podId)));
            for (var subscription : subscriptions) {
                if (subscription.add(report)) {
                    lost.increment();
                }
            }
        }
    }

    private Instant next() {
        var now = clock.instant();
        last = now.isAfter(last) ? now : last.plusNanos(1);
        return last;
    }

    /** How many reports wait for the subscriber who is furthest behind. */
    public long longestQueue() {
        return subscriptions.stream().mapToLong(Subscription::length).max().orElse(0);
    }

    /** How many subscribers were left behind since the daemon began. */
    public long lostSubscribers() {
        return lost.sum();
    }

    /** Ends all subscriptions: the daemon ends. */
    @Override
    public void close() {
        subscriptions.forEach(Subscription::finish);
    }
}
