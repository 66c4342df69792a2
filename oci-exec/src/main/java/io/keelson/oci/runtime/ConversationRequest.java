package io.keelson.oci.runtime;

import io.keelson.host.json.Json;
import java.nio.file.Path;

/**
 * A command to run in a running container, with somebody at the other end of its streams.
 *
 * @param process the OCI's {@code process}, which alone says who it is, what it may do and whether it has a terminal
 * @param cgroup the container's group
 * @param bundle the container's directory, where a socket may be put for a moment
 * @param terminal the same as in {@code process}
 * @param stdin whether it has one; otherwise it is at its end
 */
public record ConversationRequest(
        String containerId, Json.Obj process, String cgroup, Path bundle, boolean terminal, boolean stdin) {}
