package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How a pull goes, step by step. Written by the pull's thread, and read meanwhile by whoever asks. */
public final class PullTimeline {
    private record Step(String name, long micros) {}

    private final String reference;
    private final Instant begun;
    private final long begunNanos = System.nanoTime();
    private final List<Step> steps = new ArrayList<>();
    private List<LayerTimes> layers = List.of();
    private final PullProgress progress = new PullProgress();
    private long lastNanos = begunNanos;

    public PullTimeline(String reference, Instant begun) {
        this.reference = reference;
        this.begun = begun;
    }

    /** Of what it is. */
    public String reference() {
        return reference;
    }

    /** Since the last step, or the beginning, this was done. */
    public synchronized void step(String name) {
        var now = System.nanoTime();
        steps.add(new Step(name, (now - lastNanos) / 1000));
        lastNanos = now;
    }

    public synchronized void layers(List<LayerTimes> times) {
        layers = List.copyOf(times);
    }

    /** Of an image that was not here already, once they all are. */
    public synchronized List<LayerTimes> layers() {
        return layers;
    }

    /** From the beginning to the last step. */
    public synchronized long totalMicros() {
        return (lastNanos - begunNanos) / 1000;
    }

    /** Of its layers. */
    public PullProgress progress() {
        return progress;
    }

    /** Whether it is of a reference; the empty one is any. */
    public boolean isOf(String asked) {
        return asked.isEmpty() || asked.equals(reference);
    }

    /** As {@link #toJson} will be, in the middle of it. */
    public synchronized Json.Obj running() {
        return json((System.nanoTime() - begunNanos) / 1000)
                .put("running", true)
                .putAll("layers", progress.toJson())
                .build();
    }

    public synchronized Json.Obj toJson() {
        return json(totalMicros())
                .putAll("layers", layers.stream().map(LayerTimes::toJson).toList())
                .build();
    }

    private Json.Builder json(long totalMicros) {
        return Json.object()
                .put("reference", reference)
                .put("begun", begun.toString())
                .put("totalMicros", totalMicros)
                .putAll(
                        "steps",
                        steps.stream()
                                .map(step -> Json.object()
                                        .put("step", step.name())
                                        .put("micros", step.micros())
                                        .build())
                                .toList());
    }
}
