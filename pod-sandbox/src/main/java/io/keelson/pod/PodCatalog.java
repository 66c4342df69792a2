package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The pods on this node. Questions are answered from memory, without a lock; pods that are being made are not among them. */
public final class PodCatalog {
    private final Map<PodId, Pod> pods = new ConcurrentHashMap<>();

    /** By id, or a beginning of it that fits one pod only. */
    public Optional<Pod> find(String idOrPrefix) {
        return pods.values().stream()
                .filter(each -> each.id().hex().startsWith(idOrPrefix))
                .findFirst();
    }

    /** @throws io.keelson.host.failure.Failure ABSENT */
    public Pod get(String idOrPrefix) {
        return find(idOrPrefix).orElseThrow(() -> Failure.absent("there is no pod " + idOrPrefix));
    }

    public List<Pod> list(PodFilter filter) {
        return pods.values().stream().filter(filter::accepts).toList();
    }

    /** More about a pod, for people: its record and how its start went. */
    public Json.Obj details(PodId id) {
        return Json.object().put("id", id.hex()).build();
    }
}
