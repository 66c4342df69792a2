package io.keelson.pod;

/** Whether containers can be made in a pod. It becomes ready once and not ready once (CRI v1, PodSandboxState). */
public enum PodState {
    READY,
    NOT_READY
}
