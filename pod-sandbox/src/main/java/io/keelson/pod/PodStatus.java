package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.record.RecordFormat;
import io.keelson.pod.network.PodAddresses;
import java.util.Optional;

/**
 * What changes about a pod.
 *
 * @param bootId of the boot in which its namespaces were made
 * @param init of its shared PID namespace, if it has one
 * @param isReleased whether everything that a stop takes back has been taken back
 * @param limits as they were changed after its start, if they were
 * @param network what has to be known to take it off its network after a power failure; absent once it is off, or if it is on none
 */
record PodStatus(
        PodState state,
        String bootId,
        Optional<PodAddresses> addresses,
        Optional<ProcessIdentity> init,
        boolean isReleased,
        StartTimeline startTimeline,
        Optional<PodLimits> limits,
        Optional<Json.Obj> network) {
    static final RecordFormat FORMAT = new RecordFormat("pod status", 2);

    /** One whose limits are those that it was made with, and that is on no network. */
    PodStatus(
            PodState state,
            String bootId,
            Optional<PodAddresses> addresses,
            Optional<ProcessIdentity> init,
            boolean isReleased,
            StartTimeline startTimeline) {
        this(state, bootId, addresses, init, isReleased, startTimeline, Optional.empty(), Optional.empty());
    }

    PodStatus notReady() {
        return new PodStatus(PodState.NOT_READY, bootId, addresses, init, isReleased, startTimeline, limits, network);
    }

    PodStatus released() {
        return new PodStatus(
                PodState.NOT_READY, bootId, addresses, Optional.empty(), true, startTimeline, limits, Optional.empty());
    }

    PodStatus with(PodLimits changed) {
        return new PodStatus(state, bootId, addresses, init, isReleased, startTimeline, Optional.of(changed), network);
    }

    Json.Obj toJson() {
        var json = FORMAT.begin()
                .put("state", state.name())
                .put("bootId", bootId)
                .put("isReleased", isReleased)
                .put("startTimeline", startTimeline.toJson());
        addresses.ifPresent(some -> json.put(
                "addresses", Json.object().put("primary", some.primary()).putTexts("additional", some.additional())));
        init.ifPresent(process -> json.put("init", process.toJson()));
        limits.ifPresent(some -> json.put("limits", some.toJson()));
        network.ifPresent(some -> json.put("network", some));
        return json.build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static PodStatus fromJson(Json.Obj json) {
        return new PodStatus(
                PodState.valueOf(json.text("state")),
                json.text("bootId"),
                json.findObject("addresses")
                        .map(some -> new PodAddresses(some.text("primary"), some.texts("additional"))),
                json.findObject("init").map(ProcessIdentity::fromJson),
                json.flag("isReleased"),
                StartTimeline.fromJson(json.object("startTimeline")),
                json.findObject("limits").map(PodLimits::fromJson),
                json.findObject("network"));
    }
}
