package io.keelson.image.layer;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/** How long each stage of one conversion took, on the thread that did it: they run side by side. Filled by one conversion, read afterwards. */
public final class StageTimes {
    /** Stages of a conversion. */
    public enum Stage {
        /** Waiting for compressed bytes, on the thread that unpacks. */
        READ,
        /** Unpacking, without that. */
        INFLATE,
        /** SHA-256 of the uncompressed stream. */
        HASH,
        /** Writing the layer file, without its fsync. */
        WRITE,
        FSYNC,
        TOTAL
    }

    private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);

    synchronized void add(Stage stage, long elapsedNanos) {
        nanos.merge(stage, elapsedNanos, Long::sum);
    }

    public synchronized Duration of(Stage stage) {
        return Duration.ofNanos(nanos.getOrDefault(stage, 0L));
    }
}
