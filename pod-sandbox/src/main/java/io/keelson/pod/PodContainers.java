package io.keelson.pod;

/** What pods need to know of the containers in them. */
public interface PodContainers {
    /** Kills all containers of the pod, which is not ready any more, at the same time. */
    void stopAll(PodId pod);

    /** Removes all containers of the pod, which is stopped. */
    void removeAll(PodId pod);
}
