package io.keelson.pod;

import io.keelson.host.json.Json;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.pod.network.PodAddresses;
import java.util.Optional;

/**
 * What changes about a pod.
 *
 * @param bootId of the boot in which its namespaces were made
 * @param init of its shared PID namespace, if it has one
 * @param isReleased whether everything that a stop takes back has been taken back
 */
record PodStatus(
        PodState state,
        String bootId,
        Optional<PodAddresses> addresses,
        Optional<ProcessIdentity> init,
        boolean isReleased,
        StartTimeline startTimeline) {
    private static final int VERSION = 1;

    PodStatus notReady() {
        return new PodStatus(PodState.NOT_READY, bootId, addresses, init, isReleased, startTimeline);
    }

    PodStatus released() {
        return new PodStatus(PodState.NOT_READY, bootId, addresses, Optional.empty(), true, startTimeline);
    }

    Json.Obj toJson() {
        var json = Json.object()
                .put("version", VERSION)
                .put("state", state.name())
                .put("bootId", bootId)
                .put("isReleased", isReleased)
                .put("startTimeline", startTimeline.toJson());
        addresses.ifPresent(some -> json.put(
                "addresses", Json.object().put("primary", some.primary()).putTexts("additional", some.additional())));
        init.ifPresent(process -> json.put("init", process.toJson()));
        return json.build();
    }

    static PodStatus fromJson(Json.Obj json) {
        PodRecord.requireVersion(json, VERSION);
        return new PodStatus(
                PodState.valueOf(json.text("state")),
                json.text("bootId"),
                json.findObject("addresses")
                        .map(some -> new PodAddresses(some.text("primary"), some.texts("additional"))),
                json.findObject("init").map(ProcessIdentity::fromJson),
                json.flag("isReleased"),
                StartTimeline.fromJson(json.object("startTimeline")));
    }
}
