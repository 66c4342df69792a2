package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.Layer;
import io.keelson.image.reference.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Layers that nothing needs just now, and for how long they stay for a pull that may come: an image that is removed and pulled again,
 * or the next version of one, then costs only what has changed. How long a layer has been unused is known since the daemon began.
 */
final class UnusedLayers {
    private final Policy policy;
    private final Map<Digest, Instant> since = new HashMap<>();

    /**
     * What stays: nothing, if either is nothing.
     *
     * @param age how long after its last use was seen
     * @param bytes of all of them together; those go first that have been unused longest
     */
    record Policy(Duration age, long bytes) {
        static final Policy NONE = new Policy(Duration.ZERO, 0);

        Policy {
            if (age.isNegative() || bytes < 0) {
                throw Failure.invalid("unused layers cannot be kept for " + age + " and in " + bytes + " bytes");
            }
        }
    }

    UnusedLayers(Policy policy) {
        this.policy = policy;
    }

    /** Those whose time is over, of all that are unused now. */
    synchronized List<Digest> due(List<Layer> unused, Instant now) {
        since.keySet().retainAll(unused.stream().map(Layer::diffId).collect(Collectors.toSet()));
        unused.forEach(layer -> since.putIfAbsent(layer.diffId(), now));
        var youngestFirst = unused.stream()
                .sorted(Comparator.comparing((Layer layer) -> sinceWhen(layer, now))
                        .reversed())
                .toList();
        var kept = 0L;
        var due = new ArrayList<Digest>();
        for (var layer : youngestFirst) {
            var isYoung = Duration.between(sinceWhen(layer, now), now).compareTo(policy.age()) < 0;
            if (isYoung && kept + layer.sizeBytes() <= policy.bytes()) {
                kept += layer.sizeBytes();
            } else {
                due.add(layer.diffId());
            }
        }
        return due;
    }

    private Instant sinceWhen(Layer layer, Instant now) {
        return since.getOrDefault(layer.diffId(), now);
    }
}
