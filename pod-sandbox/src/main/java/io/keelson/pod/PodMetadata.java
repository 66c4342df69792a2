package io.keelson.pod;

/** What Kubernetes calls a pod. All four together are its name here: no two pods have the same (CRI v1, PodSandboxMetadata). */
public record PodMetadata(String name, String namespace, String uid, int attempt) {
    @Override
    public String toString() {
        return namespace + "/" + name + " (uid " + uid + ", attempt " + attempt + ")";
    }
}
