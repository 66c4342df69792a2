package io.keelson.pod.history;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.pod.Pod;
import io.keelson.pod.StartTimeline;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerState.Created;
import io.keelson.pod.container.ContainerState.Exited;
import io.keelson.pod.container.ContainerState.Lost;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Instant;
import java.util.Map;

/** What happened to a pod and to its containers, as JSON: of one that lives made from its records, of one that is gone kept. */
public final class Story {
    private Story() {}

    /** Of the pod alone. */
    public static Json.Obj of(Pod pod) {
        var metadata = pod.spec().metadata();
        return Json.object()
                .put("id", pod.id().hex())
                .put("name", metadata.name())
                .put("namespace", metadata.namespace())
                .put("uid", metadata.uid())
                .put("attempt", metadata.attempt())
                .put("state", pod.state().name())
                .put("createdAt", pod.createdAt().toString())
                .putAll("steps", steps(pod.startTimeline()))
                .build();
    }

    public static Json.Obj of(Container container) {
        var story = Json.object()
                .put("id", container.id().hex())
                .put("name", container.config().name())
                .put("attempt", container.config().attempt())
                .put("image", container.image().name())
                .put("imageId", container.image().id())
                .put("state", container.state().kind().name())
                .put("createdAt", container.createdAt().toString())
                .putAll("steps", steps(container.timeline()));
        switch (container.state()) {
            case Created _ -> {}
            case Running(Instant at) -> story.put("startedAt", at.toString());
            case Exited exited -> {
                exited.startedAt().ifPresent(at -> story.put("startedAt", at.toString()));
                story.put("finishedAt", exited.finishedAt().toString())
                        .put("exitCode", exited.exitCode())
                        .put("reason", exited.reason())
                        .put("message", exited.message());
            }
            case Lost lost -> {
                lost.startedAt().ifPresent(at -> story.put("startedAt", at.toString()));
                story.put("message", lost.why());
            }
        }
        container.logPath().ifPresent(path -> story.put("logPath", path.toString()));
        return story.build();
    }

    /** Of something that could not be made for a pod. */
    static Json.Obj of(Failure why, Instant at) {
        return Json.object()
                .put("at", at.toString())
                .put("kind", why.kind().name())
                .put("message", String.valueOf(why.getMessage()))
                .build();
    }

    private static Iterable<Json.Obj> steps(StartTimeline timeline) {
        return timeline.microsByStep().entrySet().stream()
                .filter(step -> !step.getKey().equals("total"))
                .map(Story::step)
                .toList();
    }

    private static Json.Obj step(Map.Entry<String, Long> step) {
        return Json.object()
                .put("step", step.getKey())
                .put("micros", step.getValue())
                .build();
    }
}
