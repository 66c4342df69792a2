package io.keelson.server.explain;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.Optional;

/** What would help a container that ended badly. */
final class Advice {
    private static final int NOT_EXECUTABLE = 126;
    private static final int NOT_FOUND = 127;
    private static final int START_ERROR = 128;
    private static final int KILLED = 137;
    private static final int SEGMENTATION_FAULT = 139;
    private static final int TERMINATED = 143;
    private static final int UNKNOWN = 255;

    private Advice() {}

    /** Absent for one that has not ended, or ended well. */
    static Optional<String> of(Json.Obj container) {
        var code = (int) container.numberOr("exitCode", 0);
        if (container.text("state").equals("UNKNOWN")) {
            return Optional.of("look at the log for what happened to its monitor; the container has to be made again");
        }
        if (code == 0) {
            return Optional.empty();
        }
        return Optional.of(
                switch (container.textOrEmpty("reason")) {
                    case "OOMKilled" ->
                        "give it a higher memory limit, or find out what it keeps; its peak and limit stand above";
                    case "StartError" ->
                        "compare its command with what is in the image: keelson explain container "
                                + container.text("id").substring(0, Names.SHORT) + " says where each part comes from";
                    default -> byCode(code);
                });
    }

    /** What would help something that could not be made. */
    static String ofFailure(Json.Obj failure) {
        return switch (Failure.Kind.valueOf(failure.text("kind"))) {
            case INVALID, WRONG_STATE, ALREADY_EXISTS ->
                "the request itself has to change, or what stands in its way; another try will fail as well";
            case ABSENT -> "bring what it asks for to this node; of an image: keelson image list says what is here";
            case EXHAUSTED -> "free what is short, or raise its limit: keelson doctor says which";
            case UNAVAILABLE, TIMEOUT -> "look at what did not answer: keelson doctor asks network, runtimes and disks";
            case UNAUTHENTICATED, DENIED -> "look at the credentials, or at the policy that said no";
            case CANCELLED, INTERNAL -> "the daemon's log says more: journalctl --unit keelson";
        };
    }

    private static String byCode(int code) {
        return switch (code) {
            case NOT_EXECUTABLE -> "its program is there and cannot be executed: look at its mode and architecture";
            case NOT_FOUND -> "a program was not found: compare command, PATH and image";
            case START_ERROR -> "it was never started: look at the pod's events before its end";
            case KILLED ->
                "somebody killed it: a grace period that was too short, a probe that failed, or the machine's own want of memory";
            case SEGMENTATION_FAULT -> "the program itself is broken, or built for another machine";
            case TERMINATED -> "it was asked to end, and has no handler of its own for SIGTERM";
            case UNKNOWN -> "nobody knows how it ended; where that is said above, its monitor was killed";
            default -> "the program chose this code: its log and its documentation say why";
        };
    }
}
