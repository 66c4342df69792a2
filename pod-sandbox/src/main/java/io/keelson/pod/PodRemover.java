package io.keelson.pod;

/** Removes pods (CRI v1, RemovePodSandbox). */
public final class PodRemover {
    /** Stops the pod, and removes it and its containers, running ones too. A pod that is gone is a success. */
    public void remove(PodId id) {
        var what = getClass().getSimpleName();
        throw new UnsupportedOperationException(what);
    }
}
