package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;

/**
 * What the runtime says of a container (OCI runtime specification, "State").
 *
 * @param pid of its first process; 0 if it has none
 */
public record RuntimeState(Status status, long pid) {
    /** The specification's words, and {@code paused}, which runtimes add. */
    public enum Status {
        CREATING,
        CREATED,
        RUNNING,
        PAUSED,
        STOPPED
    }

    static RuntimeState parse(byte[] json) {
        var state = Json.parseObject(json);
        var status = switch (state.text("status")) {
            case "creating" -> Status.CREATING;
            case "created" -> Status.CREATED;
            case "running" -> Status.RUNNING;
            case "paused" -> Status.PAUSED;
            case "stopped" -> Status.STOPPED;
            default -> throw Failure.invalid("unknown state \"" + state.text("status") + "\" of a container");
        };
        return new RuntimeState(status, state.numberOr("pid", 0));
    }
}
