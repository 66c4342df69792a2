package io.keelson.pod.stats;

import io.keelson.oci.cgroup.Cgroups;
import io.keelson.pod.LifeListener;
import io.keelson.pod.Pod;
import io.keelson.pod.PodId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of what is there: made when something is first looked at, and closed when it ends. */
public final class Meters implements LifeListener, AutoCloseable {
    private final Cgroups cgroups;
    private final Moments moments;
    private final Map<String, Meter> meters = new ConcurrentHashMap<>();

    public Meters(Cgroups cgroups, Moments moments) {
        this.cgroups = cgroups;
        this.moments = moments;
    }

    /** @param id of the pod or the container */
    Meter of(String id, String group) {
        return meters.computeIfAbsent(id, _ -> new Meter(cgroups.open(group), moments));
    }

    /** Closes all others: somebody may have looked at one while it ended. */
    void keep(Set<String> ids) {
        meters.keySet().stream().filter(id -> !ids.contains(id)).forEach(this::drop);
    }

    private void drop(String id) {
        var meter = meters.remove(id);
        if (meter != null) {
            meter.close();
        }
    }

    @Override
    public void podChanged(Change change, Pod pod) {
        changed(change, pod.id().hex());
    }

    @Override
    public void containerChanged(Change change, String container, PodId pod) {
        changed(change, container);
        // Its processes are the pod's as well.
        forget(pod.hex());
    }

    private void changed(Change change, String id) {
        switch (change) {
            case STOPPED, DELETED -> drop(id);
            case CREATED, STARTED -> forget(id);
        }
    }

    private void forget(String id) {
        var meter = meters.get(id);
        if (meter != null) {
            meter.forget();
        }
    }

    @Override
    public void close() {
        keep(Set.of());
    }
}
