package io.keelson.pod.network;

/** Whether pods can be attached; {@code reason} says why not, and is empty if they can. */
public record NetworkReadiness(boolean isReady, String reason) {
    static NetworkReadiness ready() {
        return new NetworkReadiness(true, "");
    }

    static NetworkReadiness notReady(String reason) {
        return new NetworkReadiness(false, reason);
    }
}
