package io.keelson.pod.container;

import java.time.Instant;
import java.util.Optional;

/**
 * What has become of a container. One way leads through it, and each step is on disk before anybody sees it:
 *
 * <pre>
 *   Created ──start──▶ Running ──its process ends──▶ Exited
 *      │                  └──nobody knows how it ended──▶ Lost
 *      └──start fails, or it is stopped──▶ Exited
 * </pre>
 */
public sealed interface ContainerState {
    /** Complete, with its first process waiting to be let go. */
    record Created() implements ContainerState {}

    record Running(Instant startedAt) implements ContainerState {}

    /**
     * @param startedAt absent if it never ran
     * @param exitCode 128 and the signal's number if a signal ended it
     * @param reason {@code Completed}, {@code Error}, {@code OOMKilled}, {@code StartError}
     * @param message more about it, for people; may be empty
     */
    record Exited(Optional<Instant> startedAt, Instant finishedAt, int exitCode, String reason, String message)
            implements ContainerState {}

    /** Its processes are gone, or not identified, and nothing tells how it ended (CRI: CONTAINER_UNKNOWN). */
    record Lost(Optional<Instant> startedAt, String why) implements ContainerState {}

    /** The states without what is known in them (CRI v1, ContainerState). */
    enum Kind {
        CREATED,
        RUNNING,
        EXITED,
        UNKNOWN
    }

    default Kind kind() {
        return switch (this) {
            case Created _ -> Kind.CREATED;
            case Running _ -> Kind.RUNNING;
            case Exited _ -> Kind.EXITED;
            case Lost _ -> Kind.UNKNOWN;
        };
    }
}
