package io.keelson.pod.stats;

/** What went through a network interface since it was made, in one direction and in the other. */
public record InterfaceUsage(String name, Traffic received, Traffic transmitted) {
    /** @param dropped packets that nobody had room for */
    public record Traffic(long bytes, long packets, long errors, long dropped) {}
}
