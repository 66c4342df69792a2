package io.keelson.server.explain;

import io.keelson.host.json.Json;
import io.keelson.pod.Pod;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodsOnDisk;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainersOnDisk;
import io.keelson.pod.history.HistoryDirectory;
import io.keelson.pod.history.Story;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that is known of pods: those that are there by their records, with what is kept of others. A daemon is not needed. */
final class Stories {
    private final PodPaths pods;
    private final ContainerPaths containers;
    private final HistoryDirectory history;

    Stories(Path root, Path state) {
        pods = new PodPaths(root, state);
        containers = new ContainerPaths(root, state);
        history = new HistoryDirectory(root);
    }

    /** With the containers of each, those that are gone first. */
    List<Json.Obj> all() {
        var stories = new LinkedHashMap<String, Json.Obj>();
        for (var id : history.podIds()) {
            history.find(id).ifPresent(story -> stories.put(id, story));
        }
        var present = ContainersOnDisk.list(containers);
        for (var pod : PodsOnDisk.list(pods)) {
            stories.put(
                    pod.id().hex(),
                    story(
                            pod,
                            present,
                            Optional.ofNullable(stories.remove(pod.id().hex()))));
        }
        return List.copyOf(stories.values());
    }

    private static Json.Obj story(Pod pod, List<Container> present, Optional<Json.Obj> kept) {
        var all = new ArrayList<Json.Obj>();
        kept.ifPresent(story -> all.addAll(story.objects("containers")));
        present.stream()
                .filter(container -> container.pod().equals(pod.id()))
                .map(Story::of)
                .forEach(all::add);
        var story = Json.object();
        Story.of(pod).members().forEach(story::put);
        return story.putAll("containers", all).build();
    }

    /** One that is there. */
    Optional<Container> container(String id) {
        return ContainersOnDisk.list(containers).stream()
                .filter(container -> container.id().hex().equals(id))
                .findFirst();
    }

    Path spec(Container container) {
        return containers.spec(container.id());
    }

    /** The containers of all pods, by id, with their pods. */
    Map<Json.Obj, Json.Obj> podsByContainer() {
        var pods = new LinkedHashMap<Json.Obj, Json.Obj>();
        all().forEach(pod -> pod.objects("containers").forEach(container -> pods.put(container, pod)));
        return pods;
    }
}
