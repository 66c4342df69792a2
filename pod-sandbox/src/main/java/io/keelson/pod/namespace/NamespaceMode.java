package io.keelson.pod.namespace;

/** With whom a namespace is shared (CRI v1, NamespaceMode). */
public enum NamespaceMode {
    POD,
    CONTAINER,
    NODE,
    /** With one other container of the pod. */
    TARGET
}
