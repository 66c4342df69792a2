package io.keelson.pod.history;

import io.keelson.host.json.Json;
import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something to be kept of a pod.
 *
 * @param story of the pod itself, as it is now
 * @param containers those that were removed
 * @param failure of something that could not be made for it
 * @param request of which it is one try: the caller's name for a pod that could not be made, since each try is another pod
 */
record Note(
        PodId pod, Json.Obj story, List<Json.Obj> containers, Optional<Json.Obj> failure, Optional<String> request) {
    /** Of one pod: kubelet removes all but the last container of each name while the pod lives. */
    static final int MOST_CONTAINERS = 50;

    static Note of(Pod pod) {
        return new Note(pod.id(), Story.of(pod), List.of(), Optional.empty(), Optional.empty());
    }

    static Note of(Pod pod, Json.Obj failure, boolean isMade) {
        var metadata = pod.spec().metadata();
        return new Note(
                pod.id(),
                Story.of(pod),
                List.of(),
                Optional.of(failure),
                isMade ? Optional.empty() : Optional.of(metadata.namespace() + "/" + metadata.name()));
    }

    /** With what is kept already. */
    Json.Obj after(Json.Obj before) {
        var all = new ArrayList<>(before.objects("containers"));
        all.addAll(containers);
        var merged = Json.object();
        before.members().forEach(merged::put);
        story.members().forEach(merged::put);
        failure.ifPresent(why -> merged.put("failure", why));
        return merged.putAll("containers", all.subList(Math.max(0, all.size() - MOST_CONTAINERS), all.size()))
                .build();
    }
}
