package io.keelson.host.failure;

import org.jspecify.annotations.Nullable;

/**
 * A request that could not be fulfilled. The place that knows why throws it; nobody between there and the edge of the
 * call catches it only to throw it again. The message says what was attempted, on what, and why it failed, for example
 * {@code cannot unpack layer sha256:ab…: disk is full (ENOSPC)}; it never contains a secret.
 */
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** One kind for each answer that a caller can act on. */
    public enum Kind {
        /** The request can never succeed as it is. */
        INVALID,
        /** There is no such thing. */
        ABSENT,
        /** The name is taken by something else. */
        ALREADY_EXISTS,
        /** The thing exists, in a state in which this cannot be done. */
        WRONG_STATE,
        /** Credentials are missing or wrong. */
        UNAUTHENTICATED,
        /** A registry or a policy said no. */
        DENIED,
        /** A limit is reached, or the disk is full. */
        EXHAUSTED,
        /** A registry, plugin or runtime did not answer as it should; a retry may help. */
        UNAVAILABLE,
        /** It took longer than it may. */
        TIMEOUT,
        /** The caller went away. */
        CANCELLED,
        /** Our own bug. */
        INTERNAL
    }

    private final Kind kind;

    public Failure(Kind kind, String message) {
        this(kind, message, null);
    }

    public Failure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The same failure one level up: the kind stays, the message says what it stopped. */
    public Failure during(String attempt) {
        return new Failure(kind, attempt + ": " + getMessage(), this);
    }

    public static Failure invalid(String message) {
        return new Failure(Kind.INVALID, message);
    }

    public static Failure absent(String message) {
        return new Failure(Kind.ABSENT, message);
    }

    public static Failure wrongState(String message) {
        return new Failure(Kind.WRONG_STATE, message);
    }

    public static Failure exhausted(String message) {
        return new Failure(Kind.EXHAUSTED, message);
    }

    public static Failure unavailable(String message) {
        return new Failure(Kind.UNAVAILABLE, message);
    }

    public static Failure timeout(String message) {
        return new Failure(Kind.TIMEOUT, message);
    }

    public static Failure internal(String message, Throwable cause) {
        return new Failure(Kind.INTERNAL, message, cause);
    }
}
