package io.keelson.pod;

/** Makes pods (CRI v1, RunPodSandbox). */
public final class PodStarter {
    /** Makes a pod, ready and durable. Whoever asks for the same pod again, also while it is being made, gets the first one's. */
    public PodId start(PodSpec spec) {
        var what = getClass().getSimpleName();
        throw new UnsupportedOperationException(what);
    }
}
