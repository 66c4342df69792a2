package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Gives pods their addresses and host ports, and takes them back. Nothing here is for pods in the host's network. Loopback
 * inside the pod is the business of whoever makes its namespace.
 */
public interface PodNetwork {
    /**
     * Attaches the pod to the node's network and publishes its host ports. The next daemon knows what was done; after a power failure
     * whoever keeps the {@link #record} has to {@link #recall} it. What was done is undone before this throws; an undo that fails is left to {@link #detach}, which the caller runs in any case.
     *
     * @throws Failure ALREADY_EXISTS if another pod has one of the host ports, INVALID if the request can never succeed,
     *     UNAVAILABLE if there is no network configuration or a plugin fails, hangs or answers nonsense
     * @param timeline told of each step that has ended: {@code cni}, {@code network-record}, {@code host-ports}
     */
    PodAddresses attach(NetworkRequest request, BiConsumer<String, Duration> timeline);

    /** As above, for callers without a timeline. */
    default PodAddresses attach(NetworkRequest request) {
        return attach(request, (step, took) -> {});
    }

    /**
     * Takes back all that {@link #attach} did, or half did, for this pod, with the configuration that it was done with: also
     * when that has since been removed, and without the namespace (after a reboot). Runs under deadlines of its own, whatever
     * interrupts the caller, and may be repeated; a pod that was never attached is a success.
     *
     * @param netns the pod's network namespace; one that no longer exists is as good as none
     * @throws Failure UNAVAILABLE if a plugin fails; the others were run all the same, and the next call tries again
     */
    void detach(String podId, Optional<Path> netns);

    /** What has to be known to take the pod off its network; absent if it is on none. */
    Optional<Json.Obj> record(String podId);

    /**
     * Has the pod be known here again if a power failure has taken that away, so that {@link #detach} takes it off its network.
     *
     * @param record what {@link #record} was; without it the pod is one that may have been attached with the present configuration
     */
    void recall(String podId, Optional<Json.Obj> record);

    /**
     * Asks the plugins whether the pod is still attached as it was left (CHECK).
     *
     * @throws Failure UNAVAILABLE with what is wrong, ABSENT if the pod is not attached
     */
    void check(String podId);

    /** Whether pods can be attached now, and if not, why. Cheap enough for every Status call. */
    NetworkReadiness readiness();

    /**
     * Host ports of these pods are taken: to be called before the first pod is attached. Pods without any may be named.
     *
     * @param withoutPorts pods that publish none, for certain: what there is about them need not be read
     */
    void restoreHostPorts(Set<String> podIds, Set<String> withoutPorts);

    /** Replaces all host ports that the kernel has by those that are taken, in one step: after a start of the daemon. */
    void rebuildHostPorts();

    /**
     * Detaches every pod that an earlier daemon attached and that is not named, and has plugins drop what belongs to none that is
     * attached (CNI 1.1, GC). Best effort: what fails is logged and tried again the next time. Without a network configuration no
     * plugin is asked.
     */
    void collectGarbage(Set<String> podIds);
}
