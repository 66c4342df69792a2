package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.SingleFlight;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.EmbeddedData;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.compression.Compression;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.layer.StageTimes;
import io.keelson.image.layer.StageTimes.Stage;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Brings layers, several at once and each only once for all who want it: compressed bytes go from the network into the converter,
 * and to disk only where blobs are kept, or a large one comes slowly (decision 0027). Whoever asks for layers keeps them from being removed meanwhile.
 */
public final class LayerFetcher {
    /** After these another pull may go on where this one ended. */
    private static final Set<Failure.Kind> PASSING =
            Set.of(Failure.Kind.UNAVAILABLE, Failure.Kind.CANCELLED, Failure.Kind.TIMEOUT);

    private final LayerStore store;
    private final LayerConverter converter;
    private final Optional<OciLayout> kept;
    private final PartsPlace parts;
    private final Turns turns;
    private final Consumer<Digest> unwanted;
    private final SingleFlight<Digest, Fetched> flights = new SingleFlight<>();
    private volatile WorkListener work = WorkListener.NONE;

    /**
     * @param kept where blobs are kept as they come; absent if they are not
     * @param parts where parts of large blobs are kept
     * @param parallel layers at the same time, for all pulls together
     * @param unwanted told of a layer that was finished after the last who wanted it had gone
     */
    public LayerFetcher(
            LayerStore store,
            LayerConverter converter,
            Optional<OciLayout> kept,
            PartsPlace parts,
            int parallel,
            Consumer<Digest> unwanted) {
        this.kept = kept;
        this.unwanted = unwanted;
        this.store = store;
        this.converter = converter;
        this.parts = parts;
        this.turns = new Turns(parallel);
    }

    /** Who hears of each layer from now on. */
    public void tell(WorkListener listener) {
        work = listener;
    }

    /** How many layers wait for their turn. */
    public int waiting() {
        return turns.waiting();
    }

    /** One layer of an image, packed and unpacked. */
    public record Wanted(Descriptor blob, Digest diffId) {}

    /** A layer that is here now. */
    public record Fetched(Layer layer, LayerTimes times) {}

    /**
     * All layers, durable, in the order given. The largest begin first, so that none is left over at the end; the first failure
     * stops the others.
     */
    public List<Fetched> fetch(RegistrySession session, List<Wanted> wanted, PullProgress progress) {
        progress.expect(wanted);
        var unique = new LinkedHashMap<Digest, Wanted>();
        wanted.forEach(layer -> unique.putIfAbsent(layer.diffId(), layer));
        var order = new ArrayList<>(unique.values());
        order.sort(Comparator.comparingLong((Wanted layer) -> layer.blob().sizeBytes())
                .reversed());
        var tasks = new ArrayList<Callable<Fetched>>();
        order.forEach(layer -> tasks.add(() -> {
            var fetched = work.around(bringing(layer), () -> fetch(session, layer, progress));
            progress.done(fetched.times());
            return fetched;
        }));
        var found = new HashMap<Digest, Fetched>();
        for (var fetched : Forks.join(tasks)) {
            found.put(fetched.layer().diffId(), fetched);
        }
        return wanted.stream()
                .map(layer -> Objects.requireNonNull(found.get(layer.diffId())))
                .toList();
    }

    /**
     * A layer that comes from elsewhere than a registry, made once for all who want it just now, pulls among them.
     *
     * @param progress expects the layer
     * @param make makes it, and keeps its blob where blobs are kept
     */
    public Layer share(Wanted wanted, PullProgress progress, Supplier<Layer> make) {
        var fetched = once(wanted, () -> {
            var begun = System.nanoTime();
            return new Fetched(make.get(), without(wanted, LayerTimes.Origin.IMPORTED, begun));
        });
        progress.done(fetched.times());
        return fetched.layer();
    }

    private static Work bringing(Wanted wanted) {
        return new Work(WorkListener.Kind.STEP, wanted.diffId().toString(), "layer");
    }

    private Fetched fetch(RegistrySession session, Wanted wanted, PullProgress progress) {
        return once(wanted, () -> inTurn(session, wanted, progress));
    }

    private Fetched once(Wanted wanted, Supplier<Fetched> bring) {
        var begun = System.nanoTime();
        while (true) {
            var existing = store.findSound(wanted.diffId());
            if (existing.isPresent() && hasBlob(wanted)) {
                return new Fetched(existing.get(), without(wanted, LayerTimes.Origin.REUSED, begun));
            }
            var mine = new AtomicBoolean();
            if (flights.isFlying(wanted.diffId())) {
                work.joined(bringing(wanted));
            }
            try {
                var fetched = flights.run(wanted.diffId(), () -> {
                    mine.set(true);
                    return stillWanted(bring.get());
                });
                if (mine.get()) {
                    return fetched;
                }
                // The same layer may have come in another wrapping.
                if (hasBlob(wanted)) {
                    return new Fetched(fetched.layer(), without(wanted, LayerTimes.Origin.SHARED, begun));
                }
            } catch (Failure e) {
                // What another pull failed at, with its registries and its credentials, says nothing about this one.
                if (mine.get() || Thread.currentThread().isInterrupted()) {
                    throw RegistrySession.during(e, "layer " + wanted.diffId());
                }
            }
        }
    }

    /** A flight is interrupted when all have left it; those that left do not wait for its end. */
    private Fetched stillWanted(Fetched fetched) {
        if (Thread.interrupted()) {
            try {
                unwanted.accept(fetched.layer().diffId());
            } finally {
                Thread.currentThread().interrupt();
            }
            throw new Failure(Failure.Kind.CANCELLED, "interrupted when it was done");
        }
        return fetched;
    }

    private static LayerTimes without(Wanted wanted, LayerTimes.Origin origin, long begun) {
        return LayerTimes.without(
                wanted.diffId(),
                wanted.blob().digest(),
                wanted.blob().sizeBytes(),
                origin,
                micros(System.nanoTime() - begun));
    }

    private Fetched inTurn(RegistrySession session, Wanted wanted, PullProgress progress) {
        var compression = Compression.ofMediaType(wanted.blob().mediaType());
        var begun = System.nanoTime();
        try (var _ = turns.take(progress, wanted.blob().sizeBytes())) {
            var waited = System.nanoTime() - begun;
            // Since it was looked for, another pull may have brought it.
            var existing = store.findSound(wanted.diffId());
            if (existing.isPresent()) {
                return keepBlob(session, wanted, existing.get(), begun);
            }
            var embedded = wanted.blob().data();
            return embedded.isPresent()
                    ? convert(embedded.get(), wanted, compression, begun)
                    : convert(session, wanted, compression, waited, progress);
        }
    }

    /** Where blobs are kept, one that is missing is a reason to ask for it though its layer is here. */
    private boolean hasBlob(Wanted wanted) {
        return kept.map(blobs -> blobs.has(wanted.blob().digest())).orElse(true);
    }

    private Fetched keepBlob(RegistrySession session, Wanted wanted, Layer existing, long begun) {
        if (!hasBlob(wanted)) {
            try (var stream = blob(session, wanted.blob());
                    var incoming = kept.orElseThrow().receive(wanted.blob().digest())) {
                incoming.through(stream).transferTo(OutputStream.nullOutputStream());
                incoming.keep();
            } catch (IOException e) {
                throw new Failure(Failure.Kind.UNAVAILABLE, "cannot read the layer's blob: " + e.getMessage(), e);
            }
        }
        return new Fetched(existing, without(wanted, LayerTimes.Origin.REUSED, begun));
    }

    /** What its descriptor carries along is not asked for. */
    private static InputStream blob(RegistrySession session, Descriptor blob) {
        return blob.data()
                .<InputStream>map(data -> new ByteArrayInputStream(data.bytes()))
                .orElseGet(() -> session.stream(blob.digest(), blob.sizeBytes()));
    }

    private Fetched convert(EmbeddedData data, Wanted wanted, Compression compression, long begun) {
        var layer = convert(new ByteArrayInputStream(data.bytes()), wanted, compression, new StageTimes());
        return new Fetched(layer, without(wanted, LayerTimes.Origin.EMBEDDED, begun));
    }

    /** The layer, and its blob where blobs are kept: neither without the other. */
    private Layer convert(InputStream stream, Wanted wanted, Compression compression, StageTimes stages) {
        if (kept.isEmpty()) {
            return converter.convert(stream, compression, wanted.diffId(), stages);
        }
        try (var incoming = kept.get().receive(wanted.blob().digest())) {
            var layer = converter.convert(incoming.through(stream), compression, wanted.diffId(), stages);
            incoming.keep();
            return layer;
        }
    }

    private Fetched convert(
            RegistrySession session, Wanted wanted, Compression compression, long waited, PullProgress progress) {
        var mayTakeParts = true;
        while (true) {
            var begun = System.nanoTime();
            var stages = new StageTimes();
            try (var stream = new LayerStream(session, wanted.blob(), parts, mayTakeParts)) {
                try {
                    var layer = convert(progress.counting(wanted, stream), wanted, compression, stages);
                    return new Fetched(layer, times(wanted, stream, stages, waited, System.nanoTime() - begun));
                } catch (Failure e) {
                    var why = judged(stream, e);
                    if (!PASSING.contains(why.kind())) {
                        stream.forget();
                    }
                    if (!stream.isWorthAnother()) {
                        throw why;
                    }
                    mayTakeParts &= !stream.hasTakenParts();
                }
            }
        }
    }

    private static LayerTimes times(
            Wanted wanted, LayerStream stream, StageTimes stages, long waitedNanos, long totalNanos) {
        return new LayerTimes(
                wanted.diffId(),
                wanted.blob().digest(),
                wanted.blob().sizeBytes(),
                LayerTimes.Origin.FETCHED,
                stream.endpoints(),
                stream.resumes(),
                stream.parts(),
                stream.bytesFound(),
                micros(waitedNanos),
                micros(stream.firstByteNanos()),
                micros(stream.waitedNanos()),
                micros(stages, Stage.INFLATE),
                micros(stages, Stage.HASH),
                micros(stages, Stage.WRITE),
                micros(stages, Stage.FSYNC),
                micros(totalNanos));
    }

    /** Whether content that made no sense is the image's fault, or that of the endpoint which sent something else. */
    private static Failure judged(LayerStream stream, Failure failure) {
        if (failure.kind() != Failure.Kind.INVALID) {
            return failure;
        }
        try {
            stream.judge();
            return failure;
        } catch (Failure lie) {
            return lie.kind() == Failure.Kind.INVALID ? lie : failure;
        }
    }

    private static long micros(StageTimes stages, Stage stage) {
        return micros(stages.of(stage).toNanos());
    }

    private static long micros(long nanos) {
        return nanos / 1000;
    }
}
