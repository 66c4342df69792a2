package io.keelson.pod;

import io.keelson.host.failure.Failure;

/**
 * Hears of changes in the lives of pods and containers, after everybody can see them and in the order in which they happened to each.
 * It is told under the lock of what changed, so it returns at once and takes no such lock.
 */
public interface LifeListener {
    /** What happened; a pod is created and started in one step. */
    enum Change {
        CREATED,
        STARTED,
        STOPPED,
        DELETED
    }

    /** @param pod as it is now, or was last */
    void podChanged(Change change, Pod pod);

    /** @param container its id */
    void containerChanged(Change change, String container, PodId pod);

    /**
     * The pod, or a container in it, could not be made, and nothing of that is left. No lock need be held.
     *
     * @param pod as far as it came
     */
    default void startFailed(Pod pod, Failure why) {}

    /** Two who hear the same, one after the other. */
    static LifeListener both(LifeListener first, LifeListener second) {
        return new LifeListener() {
            @Override
            public void podChanged(Change change, Pod pod) {
                first.podChanged(change, pod);
                second.podChanged(change, pod);
            }

            @Override
            public void containerChanged(Change change, String container, PodId pod) {
                first.containerChanged(change, container, pod);
                second.containerChanged(change, container, pod);
            }

            @Override
            public void startFailed(Pod pod, Failure why) {
                first.startFailed(pod, why);
                second.startFailed(pod, why);
            }
        };
    }

    /** For those whom nobody listens to. */
    LifeListener NONE = new LifeListener() {
        @Override
        public void podChanged(Change change, Pod pod) {}

        @Override
        public void containerChanged(Change change, String container, PodId pod) {}
    };
}
