package io.keelson.server.metrics;

import io.keelson.image.transfer.LayerTimes;
import io.keelson.image.transfer.LayerTimes.Origin;
import io.keelson.image.transfer.PullTimeline;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What pulls brought: how many layers, from where, how large, and how long each took. */
final class PullMeters {
    /** The classes of size, by the most bytes of a packed layer that belongs there. */
    private enum Size {
        MIB_1(1L << 20),
        MIB_16(16L << 20),
        MIB_128(128L << 20),
        GIB_1(1L << 30),
        MORE(Long.MAX_VALUE);

        private final long most;

        Size(long most) {
            this.most = most;
        }

        static Size of(long bytes) {
            var at = 0;
            while (bytes > values()[at].most) {
                at++;
            }
            return values()[at];
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        Duration.ofMinutes(5)
    };

    private final Map<Origin, Counter> layers = new EnumMap<>(Origin.class);
    private final Map<Origin, Counter> bytes = new EnumMap<>(Origin.class);
    private final Map<Size, Timer> seconds = new EnumMap<>(Size.class);

    PullMeters(MeterRegistry registry) {
        for (var origin : Origin.values()) {
            var label = origin.name().toLowerCase(Locale.ROOT);
            layers.put(
                    origin,
                    Counter.builder("keelson.image.layers")
                            .description("Layers of pulled images, by how they were come by.")
                            .tags("origin", label)
                            .register(registry));
            bytes.put(
                    origin,
                    Counter.builder("keelson.image.layers.size")
                            .baseUnit("bytes")
                            .description(
                                    "Size of pulled images' layers as registries have them, by how they were come by.")
                            .tags("origin", label)
                            .register(registry));
        }
        for (var size : Size.values()) {
            seconds.put(
                    size,
                    Timer.builder("keelson.image.layer.fetch")
                            .description(
                                    "How long a layer that was fetched took, with its turn, by the most that its class of size has.")
                            .tags("size", size.label())
                            .serviceLevelObjectives(BUCKETS)
                            .register(registry));
        }
    }

    void ended(PullTimeline pull) {
        pull.layers().forEach(this::count);
    }

    private void count(LayerTimes layer) {
        Objects.requireNonNull(layers.get(layer.origin())).increment();
        Objects.requireNonNull(bytes.get(layer.origin())).increment((double) layer.blobBytes());
        if (layer.origin() == Origin.FETCHED) {
            Objects.requireNonNull(seconds.get(Size.of(layer.blobBytes())))
                    .record(Duration.ofNanos(layer.totalMicros() * 1000));
        }
    }
}
