package io.keelson.pod.stats;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until a test moves it on. */
final class FakeTime {
    private final AtomicLong nanos = new AtomicLong();

    Moments moments() {
        return new Moments(this::now, nanos::get);
    }

    Instant now() {
        return Instant.EPOCH.plusNanos(nanos.get());
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
