package io.keelson.e2e;

/** What of a node must not grow with the number of pods that it has had. */
enum Quantity {
    /** That are open in the daemon. */
    DESCRIPTORS("descriptors", 2),
    /** Of the daemon. The virtual machine's own come and go: compilers, and carriers of virtual threads. */
    THREADS("threads", 4),
    /** In the daemon's namespace. */
    MOUNTS("mounts", 0),
    /** Below the parent of all pods' groups, of all hierarchies. */
    CONTROL_GROUPS("cgroups", 0),
    /** Below root and state, but for the history of pods, which has limits. */
    FILES("files", 0),
    /** What is reachable in the daemon's heap. */
    LIVE_KIB("live KiB", 256),
    /** What malloc(3) has, which native libraries take as well. The virtual machine gives back what is free of it every 5 s. */
    NATIVE_KIB("native KiB", 1024),
    /** Of the daemon, after a collection. */
    RESIDENT_KIB("resident KiB", 1024);

    private final String title;
    private final long slack;

    Quantity(String title, long slack) {
        this.title = title;
        this.slack = slack;
    }

    /** A word or two, with the unit. */
    String title() {
        return title;
    }

    /** By how much it may differ without having grown. */
    long slack() {
        return slack;
    }

    /** Whether it settles only when the daemon has compiled what it runs. */
    boolean isMemory() {
        return this == LIVE_KIB || this == NATIVE_KIB || this == RESIDENT_KIB;
    }
}
