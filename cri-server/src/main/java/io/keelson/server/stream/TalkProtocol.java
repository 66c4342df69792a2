package io.keelson.server.stream;

import io.keelson.host.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The versions of Kubernetes' protocol for remote commands, by the names under which clients ask for them. */
enum TalkProtocol {
    /** As the fourth, and over WebSocket a client can end its input. */
    V5("v5.channel.k8s.io"),
    /** The end is told in JSON, with the exit code. */
    V4("v4.channel.k8s.io"),
    /** Terminals have a size. */
    V3("v3.channel.k8s.io"),
    V2("v2.channel.k8s.io"),
    V1("channel.k8s.io");

    private static final Json.Obj NO_METADATA = Json.object().build();

    final String id;

    TalkProtocol(String id) {
        this.id = id;
    }

    static Optional<TalkProtocol> of(String name) {
        for (var protocol : values()) {
            if (protocol.id.equals(name)) {
                return Optional.of(protocol);
            }
        }
        return Optional.empty();
    }

    /** The first that the client names and that is one. */
    static Optional<TalkProtocol> choose(List<String> offered) {
        return offered.stream().flatMap(name -> of(name).stream()).findFirst();
    }

    boolean hasResize() {
        return compareTo(V3) <= 0;
    }

    private boolean hasStatus() {
        return compareTo(V4) <= 0;
    }

    /** What is said of a process's end; the older ones say nothing of a good one. */
    String ended(int code) {
        if (!hasStatus()) {
            return code == 0 ? "" : "command terminated with exit code " + code;
        }
        var status = Json.object().put("metadata", NO_METADATA);
        if (code == 0) {
            return text(status.put("status", "Success"));
        }
        var cause = Json.object()
                .put("reason", "ExitCode")
                .put("message", Integer.toString(code))
                .build();
        return text(status.put("status", "Failure")
                .put("message", "command terminated with non-zero exit code: " + code)
                .put("reason", "NonZeroExitCode")
                .put("details", Json.object().putAll("causes", List.of(cause)).build()));
    }

    String failed(String why) {
        return !hasStatus()
                ? why
                : text(Json.object()
                        .put("metadata", NO_METADATA)
                        .put("status", "Failure")
                        .put("message", why)
                        .put("reason", "InternalError")
                        .put("code", 500));
    }

    private static String text(Json.Builder status) {
        return new String(status.build().toBytes(), StandardCharsets.UTF_8);
    }
}
