package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.WorkListener;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** How long each step of a start took, in microseconds, in the order of the steps. A name with a slash is of a part of the step that follows. */
public record StartTimeline(Map<String, Long> microsByStep) {
    private static final String MICROS = "Micros";

    public StartTimeline {
        microsByStep = Collections.unmodifiableMap(new LinkedHashMap<>(microsByStep));
    }

    /** Measures from one step's end to the next one's. */
    public static final class Clock {
        private final Map<String, Long> steps = new LinkedHashMap<>();
        private final WorkListener listener;
        private final long begin = System.nanoTime();
        private long last = begin;

        /** @param listener to be told of the steps that are made here */
        public Clock(WorkListener listener) {
            this.listener = listener;
        }

        /**
         * Makes the step, which has been going on since the end of the one before.
         *
         * @param of whose start this is, by its id
         */
        public <T> T step(String of, String name, Supplier<T> doing) {
            var result = listener.step(of, name, doing);
            ended(name);
            return result;
        }

        /** The same of a step without a result. */
        public void step(String of, String name, Runnable doing) {
            listener.step(of, name, doing);
            ended(name);
        }

        public void ended(String step) {
            var now = System.nanoTime();
            steps.put(step, (now - last) / 1000);
            last = now;
        }

        /** Of a part of the step that is under way. */
        void part(String part, Duration took) {
            steps.merge(part, took.toNanos() / 1000, Long::sum);
        }

        /** Of the steps alone. */
        public StartTimeline steps() {
            return new StartTimeline(steps);
        }

        StartTimeline timeline() {
            var all = new LinkedHashMap<>(steps);
            all.put("total", (System.nanoTime() - begin) / 1000);
            return new StartTimeline(all);
        }
    }

    /** Of something of which nothing was measured. */
    public static final StartTimeline NONE = new StartTimeline(Map.of());

    /** Without what is part of another, and with the total where there is one. */
    public Map<String, Long> steps() {
        var steps = new LinkedHashMap<>(microsByStep);
        steps.keySet().removeIf(StartTimeline::isPart);
        return steps;
    }

    static boolean isPart(String step) {
        return step.indexOf('/') >= 0;
    }

    /** With one more step at the end. */
    public StartTimeline with(String step, Duration took) {
        var all = new LinkedHashMap<>(microsByStep);
        all.put(step, took.toNanos() / 1000);
        return new StartTimeline(all);
    }

    public Json.Obj toJson() {
        var json = Json.object();
        microsByStep.forEach((step, micros) -> json.put(step + MICROS, micros));
        return json.build();
    }

    public static StartTimeline fromJson(Json.Obj json) {
        var steps = new LinkedHashMap<String, Long>();
        for (var key : json.members().keySet()) {
            steps.put(key.endsWith(MICROS) ? key.substring(0, key.length() - MICROS.length()) : key, json.number(key));
        }
        return new StartTimeline(steps);
    }
}
