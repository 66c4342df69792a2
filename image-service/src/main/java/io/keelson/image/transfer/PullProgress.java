package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.layer.CountedInput;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How far a pull is with each of its layers. Written by the threads that bring them, read by whoever asks. */
public final class PullProgress {
    private static final class State {
        final Wanted wanted;
        final AtomicLong received = new AtomicLong();
        volatile @Nullable LayerTimes times;
        volatile @Nullable LayerStream stream;

        State(Wanted wanted) {
            this.wanted = wanted;
        }

        Json.Obj toJson() {
            var known = times;
            if (known != null) {
                return known.toJson();
            }
            var json = Json.object()
                    .put("diffId", wanted.diffId().toString())
                    .put("blob", wanted.blob().digest().toString())
                    .put("blobBytes", wanted.blob().sizeBytes())
                    .put("receivedBytes", received.get());
            var coming = stream;
            if (coming != null) {
                json.putTexts("endpoints", coming.endpoints())
                        .put("resumes", coming.resumes())
                        .put("parts", coming.parts())
                        .put("runningParts", coming.running())
                        .put("foundBytes", coming.bytesFound());
            }
            return json.build();
        }
    }

    private final Map<Digest, State> layers = Collections.synchronizedMap(new LinkedHashMap<>());

    /** In the order in which they are shown. */
    public void expect(List<Wanted> wanted) {
        wanted.forEach(layer -> layers.putIfAbsent(layer.diffId(), new State(layer)));
    }

    /** Counts what is read. */
    InputStream counting(Wanted wanted, LayerStream stream) {
        var state = Objects.requireNonNull(layers.get(wanted.diffId()));
        state.stream = stream;
        var received = state.received;
        received.set(0);
        return new CountedInput(stream, received::addAndGet);
    }

    void done(LayerTimes times) {
        Objects.requireNonNull(layers.get(times.diffId())).times = times;
    }

    /** Bytes of blobs that are yet to come, by layer. */
    public Map<Digest, Long> outstanding() {
        synchronized (layers) {
            var bytes = new HashMap<Digest, Long>();
            layers.forEach((diffId, state) -> {
                if (state.times == null) {
                    bytes.put(diffId, Math.max(0, state.wanted.blob().sizeBytes() - state.received.get()));
                }
            });
            return bytes;
        }
    }

    /** Layers that are here as they are in the finished record; of the others, how much has come. */
    List<Json.Obj> toJson() {
        synchronized (layers) {
            var all = new ArrayList<Json.Obj>();
            layers.values().forEach(state -> all.add(state.toJson()));
            return all;
        }
    }
}
