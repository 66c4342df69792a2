package io.keelson.server.explain;

import io.keelson.host.json.Json;
import io.keelson.pod.Pod;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodRecords;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerRecords;
import io.keelson.pod.history.HistoryDirectory;
import io.keelson.pod.history.Story;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that is known of pods: those that are there by their records, with what is kept of others. A daemon is not needed. */
final class Stories {
    private final PodRecords pods;
    private final ContainerRecords containers;
    private final HistoryDirectory history;

    Stories(Path root, Path state) {
        pods = new PodRecords(new PodPaths(root, state));
        containers = new ContainerRecords(new ContainerPaths(root, state));
        history = new HistoryDirectory(root);
    }

    /** With the containers of each, in the order in which they were made. */
    List<Json.Obj> all() {
        var stories = new LinkedHashMap<String, Json.Obj>();
        for (var id : history.podIds()) {
            history.find(id).ifPresent(story -> stories.put(id, story));
        }
        var present = containers.list();
        for (var pod : pods.list()) {
            stories.put(
                    pod.id().hex(),
                    story(
                            pod,
                            present,
                            Optional.ofNullable(stories.remove(pod.id().hex()))));
        }
        return stories.values().stream()
                .sorted(Comparator.comparing(Stories::createdAt))
                .toList();
    }

    private static Json.Obj story(Pod pod, List<Container> present, Optional<Json.Obj> kept) {
        var all = new ArrayList<Json.Obj>();
        kept.ifPresent(story -> all.addAll(story.objects("containers")));
        present.stream()
                .filter(container -> container.pod().equals(pod.id()))
                .map(Story::of)
                .forEach(all::add);
        var story = Json.object();
        kept.ifPresent(before -> before.members().forEach(story::put));
        Story.of(pod).members().forEach(story::put);
        return story.putAll("containers", all).build();
    }

    private static Instant createdAt(Json.Obj story) {
        return story.findText("createdAt").map(Instant::parse).orElse(Instant.MIN);
    }

    /** One that is there. */
    Optional<Container> container(String id) {
        return containers.find(id);
    }

    Path spec(Container container) {
        return containers.paths().spec(container.id());
    }

    /** The containers of all pods, by id, with their pods. */
    Map<Json.Obj, Json.Obj> podsByContainer() {
        var pods = new LinkedHashMap<Json.Obj, Json.Obj>();
        all().forEach(pod -> pod.objects("containers").forEach(container -> pods.put(container, pod)));
        return pods;
    }
}
