package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How a pull went, step by step. Written by the pull's thread. */
public final class PullTimeline {
    private record Step(String name, long micros) {}

    private final String reference;
    private final Instant begun;
    private final long begunNanos = System.nanoTime();
    private final List<Step> steps = new ArrayList<>();
    private List<LayerTimes> layers = List.of();
    private long lastNanos = begunNanos;

    public PullTimeline(String reference, Instant begun) {
        this.reference = reference;
        this.begun = begun;
    }

    /** Since the last step, or the beginning, this was done. */
    public void step(String name) {
        var now = System.nanoTime();
        steps.add(new Step(name, (now - lastNanos) / 1000));
        lastNanos = now;
    }

    public void layers(List<LayerTimes> times) {
        layers = List.copyOf(times);
    }

    /** From the beginning to the last step. */
    public long totalMicros() {
        return (lastNanos - begunNanos) / 1000;
    }

    public Json.Obj toJson() {
        return Json.object()
                .put("reference", reference)
                .put("begun", begun.toString())
                .put("totalMicros", totalMicros())
                .putAll(
                        "steps",
                        steps.stream()
                                .map(step -> Json.object()
                                        .put("step", step.name())
                                        .put("micros", step.micros())
                                        .build())
                                .toList())
                .putAll("layers", layers.stream().map(LayerTimes::toJson).toList())
                .build();
    }
}
