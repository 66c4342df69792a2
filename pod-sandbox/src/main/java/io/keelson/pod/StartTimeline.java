package io.keelson.pod;

import io.keelson.host.json.Json;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long each step of a pod's start took, in microseconds, in the order of the steps. */
public record StartTimeline(Map<String, Long> microsByStep) {
    public StartTimeline {
        microsByStep = Collections.unmodifiableMap(new LinkedHashMap<>(microsByStep));
    }

    /** Measures from one step's end to the next one's. */
    static final class Clock {
        private final Map<String, Long> steps = new LinkedHashMap<>();
        private final long begin = System.nanoTime();
        private long last = begin;

        void ended(String step) {
            var now = System.nanoTime();
            steps.put(step, (now - last) / 1000);
            last = now;
        }

        StartTimeline timeline() {
            var all = new LinkedHashMap<>(steps);
            all.put("total", (System.nanoTime() - begin) / 1000);
            return new StartTimeline(all);
        }
    }

    public Json.Obj toJson() {
        var json = Json.object();
        microsByStep.forEach((step, micros) -> json.put(step + "Micros", micros));
        return json.build();
    }

    static StartTimeline fromJson(Json.Obj json) {
        var steps = new LinkedHashMap<String, Long>();
        for (var key : json.members().keySet()) {
            steps.put(key.replaceFirst("Micros$", ""), json.number(key));
        }
        return new StartTimeline(steps);
    }
}
