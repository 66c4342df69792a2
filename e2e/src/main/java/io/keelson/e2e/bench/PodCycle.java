package io.keelson.e2e.bench;

import static io.keelson.e2e.bench.Metric.CREATE;
import static io.keelson.e2e.bench.Metric.CREATE_START;
import static io.keelson.e2e.bench.Metric.CYCLE;
import static io.keelson.e2e.bench.Metric.EXEC;
import static io.keelson.e2e.bench.Metric.POD_REMOVE;
import static io.keelson.e2e.bench.Metric.POD_START;
import static io.keelson.e2e.bench.Metric.POD_STOP;
import static io.keelson.e2e.bench.Metric.REMOVE;
import static io.keelson.e2e.bench.Metric.START;
import static io.keelson.e2e.bench.Metric.STOP;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** One pod with one container, from scratch until both are removed. */
final class PodCycle {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MICROS = "Micros";
    private static final int EXECS = 2;
    private static final int WARM_UP = 1000;

    private final Subject subject;
    private final Calls calls;
    private final String image;
    private final Optional<BareRuntime> bare;
    private final List<String> residents = new ArrayList<>();

    /** @param bare what the OCI runtime needs by itself, measured beside a container of this subject */
    PodCycle(Subject subject, String image, Optional<BareRuntime> bare) {
        this.subject = subject;
        this.calls = new Calls(subject.cri());
        this.image = image;
        this.bare = bare;
    }

    /** @param counts whether this is more than a warm-up */
    void run(String name, boolean counts) throws Exception {
        var samples = counts ? subject.samples() : new Samples();
        var pod = Calls.pod(subject, name, freePort());
        var id = samples.time(POD_START, () -> calls.run(pod));
        try {
            var container = samples.time(CREATE, () -> calls.create(id, pod, image));
            time(samples, START, () -> calls.start(container));
            for (var i = 0; i < EXECS; i++) {
                time(samples, EXEC, () -> calls.exec(container));
            }
            if (counts) {
                readStages(id);
            }
            if (bare.isPresent()) {
                bare.get().measure(calls.containerInfo(container), samples);
            }
            time(samples, STOP, () -> calls.stop(container));
            time(samples, REMOVE, () -> calls.remove(container));
            time(samples, POD_STOP, () -> calls.stopPod(id));
            time(samples, POD_REMOVE, () -> calls.removePod(id));
            samples.addSum(CREATE_START, CREATE, START);
            samples.addSum(CYCLE, POD_START, CREATE, START, STOP, REMOVE, POD_STOP, POD_REMOVE);
        } catch (Exception | Error e) {
            end(id, e);
            throw e;
        }
    }

    /** Makes a pod with a container and a host port that stays: a node's first pod makes what all later ones find. */
    void settle() throws IOException {
        var pod = Calls.pod(subject, "resident", freePort());
        var id = calls.run(pod);
        calls.start(calls.create(id, pod, image));
        calls.warmUp(WARM_UP);
        residents.add(id);
    }

    /** Removes what {@link #settle} made. */
    void leave() {
        residents.forEach(id -> {
            calls.stopPod(id);
            calls.removePod(id);
        });
        residents.clear();
    }

    private void end(String id, Throwable why) {
        try {
            calls.stopPod(id);
            calls.removePod(id);
        } catch (RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    private static void time(Samples samples, Metric metric, Runnable step) throws Exception {
        samples.time(metric, () -> {
            step.run();
            return "";
        });
    }

    /** Keelson tells how long each step of the pod's start took; others do not. */
    private void readStages(String id) {
        var info = calls.podInfo(id).get("info");
        if (info == null) {
            return;
        }
        var timeline = JSON.readTree(info).at("/startTimeline");
        timeline.properties()
                .forEach(stage -> subject.stages()
                        .computeIfAbsent(stage.getKey().replace(MICROS, ""), _ -> new ArrayList<>())
                        .add(stage.getValue().doubleValue() / 1000));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
