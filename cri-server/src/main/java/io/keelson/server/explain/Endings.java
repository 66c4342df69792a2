package io.keelson.server.explain;

import io.keelson.host.json.Json;

/** How a container is, or ended, in a few words. */
final class Endings {
    private Endings() {}

    static String of(Json.Obj container) {
        return switch (container.text("state")) {
            case "EXITED" ->
                "ended with " + container.number("exitCode") + ", " + container.text("reason") + ", at "
                        + container.text("finishedAt");
            case "RUNNING" -> "runs since " + container.text("startedAt");
            case "CREATED" -> "is not started";
            default -> "is lost";
        };
    }
}
