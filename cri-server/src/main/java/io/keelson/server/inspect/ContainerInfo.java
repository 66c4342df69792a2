package io.keelson.server.inspect;

import io.keelson.host.json.Json;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.container.Container;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.network.PodAddresses;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A container as CRI-O tells of one. */
final class ContainerInfo {
    private static final long NANOS = 1_000_000_000L;

    private final PodCatalog pods;
    private final ContainerCatalog containers;
    private final ContainerPaths paths;

    /** @param root where what containers write lies */
    ContainerInfo(PodCatalog pods, ContainerCatalog containers, Path root) {
        this.pods = pods;
        this.containers = containers;
        this.paths = new ContainerPaths(root, root);
    }

    /**
     * {@code root} is the directory with what the container has written: tools count what is in it, and the image's layers are not the
     * container's.
     *
     * @throws io.keelson.host.failure.Failure ABSENT if there is none of this whole id, INVALID for what is no id
     */
    Json.Obj of(String id) {
        var container = containers.get(new ContainerId(id).hex());
        var config = container.config();
        var addresses = addresses(container);
        return Json.object()
                .put("name", config.name())
                .put("pid", containers.initPid(container.id()))
                .put("image", container.image().name())
                .put("image_ref", container.image().id())
                .put("created_time", nanos(container.createdAt()))
                .putTextMap("labels", config.labels())
                .putTextMap("annotations", config.annotations())
                .put("log_path", container.logPath().map(Path::toString).orElse(""))
                .put("root", paths.writable(container.id()).toString())
                .put("sandbox", container.pod().hex())
                .put("ip_address", addresses.isEmpty() ? "" : addresses.getFirst())
                .putTexts("ip_addresses", addresses)
                .build();
    }

    private List<String> addresses(Container container) {
        return pods.find(container.pod().hex())
                .flatMap(pod -> pod.addresses())
                .map(ContainerInfo::all)
                .orElse(List.of());
    }

    private static List<String> all(PodAddresses addresses) {
        var all = new ArrayList<>(List.of(addresses.primary()));
        all.addAll(addresses.additional());
        return all;
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * NANOS + at.getNano();
    }
}
