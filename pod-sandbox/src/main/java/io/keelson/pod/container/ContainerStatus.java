package io.keelson.pod.container;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.record.Instants;
import io.keelson.host.record.RecordFormat;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.Numbers;
import io.keelson.pod.ResourcesJson;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Lost;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Instant;

/**
 * What changes about a container.
 *
 * @param bootId of the boot in which its processes were started
 * @param monitor the process that watches over it
 * @param init its own first process
 * @param timeline how long its making and its start took
 */
record ContainerStatus(
        ContainerState state,
        String bootId,
        ProcessIdentity monitor,
        ProcessIdentity init,
        LinuxResources resources,
        StartTimeline timeline) {
    static final RecordFormat FORMAT = new RecordFormat("container status", 2);

    /** One of which nothing was measured. */
    ContainerStatus(
            ContainerState state,
            String bootId,
            ProcessIdentity monitor,
            ProcessIdentity init,
            LinuxResources resources) {
        this(state, bootId, monitor, init, resources, StartTimeline.NONE);
    }

    ContainerStatus with(StartTimeline longer) {
        return new ContainerStatus(state, bootId, monitor, init, resources, longer);
    }

    ContainerStatus with(ContainerState next) {
        return new ContainerStatus(next, bootId, monitor, init, resources, timeline);
    }

    ContainerStatus with(LinuxResources changed) {
        return new ContainerStatus(state, bootId, monitor, init, changed, timeline);
    }

    boolean hasEnded() {
        return state instanceof Exited || state instanceof Lost;
    }

    Json.Obj toJson() {
        return FORMAT.begin()
                .put("state", state(state))
                .put("bootId", bootId)
                .put("monitor", monitor.toJson())
                .put("init", init.toJson())
                .put("resources", ResourcesJson.write(resources))
                .put("timeline", timeline.toJson())
                .build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static ContainerStatus fromJson(Json.Obj json) {
        return new ContainerStatus(
                state(json.object("state")),
                json.text("bootId"),
                ProcessIdentity.fromJson(json.object("monitor")),
                ProcessIdentity.fromJson(json.object("init")),
                ResourcesJson.read(json.object("resources")),
                json.findObject("timeline").map(StartTimeline::fromJson).orElse(StartTimeline.NONE));
    }

    private static Json.Obj state(ContainerState state) {
        var json = Json.object().put("kind", state.kind().name());
        switch (state) {
            case Created _ -> {}
            case Running(Instant startedAt) -> json.put("startedAt", startedAt.toString());
            case Exited exited -> {
                exited.startedAt().ifPresent(at -> json.put("startedAt", at.toString()));
                json.put("finishedAt", exited.finishedAt().toString())
                        .put("exitCode", exited.exitCode())
                        .put("reason", exited.reason())
                        .put("message", exited.message());
            }
            case Lost lost -> {
                lost.startedAt().ifPresent(at -> json.put("startedAt", at.toString()));
                json.put("why", lost.why());
            }
        }
        return json.build();
    }

    private static ContainerState state(Json.Obj json) {
        var startedAt = json.findText("startedAt").map(Instants::parse);
        return switch (ContainerState.Kind.valueOf(json.text("kind"))) {
            case CREATED -> new Created();
            case RUNNING -> new Running(Instants.parse(json.text("startedAt")));
            case EXITED ->
                new Exited(
                        startedAt,
                        Instants.parse(json.text("finishedAt")),
                        Numbers.integer(json, "exitCode"),
                        json.text("reason"),
                        json.text("message"));
            case UNKNOWN -> new Lost(startedAt, json.text("why"));
        };
    }
}
