package io.keelson.server.rpc;

import com.google.common.base.Throwables;
import io.grpc.Status;
import io.keelson.host.disk.HostTrouble;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From failures to gRPC status. What it does not know is our own bug: the caller gets a reference to the log, where the stack
 * trace is.
 */
final class StatusMapping {
    /** Percent-encoded it must fit a header list of 8 KiB, which is the least that peers take. */
    static final int LONGEST_MESSAGE_BYTES = 2048;

    private static final Logger log = LoggerFactory.getLogger(StatusMapping.class);

    private StatusMapping() {}

    /** The answer to an attempt that failed. */
    static Status of(Attempt attempt, Throwable thrown) {
        return switch (thrown) {
            case Failure failure
            when failure.kind() != Failure.Kind.INTERNAL ->
                described(code(failure.kind(), failure.getMessage()), attempt, failure);
            default ->
                trouble(thrown)
                        .map(kind -> described(code(kind, thrown.getMessage()), attempt, thrown))
                        .orElseGet(() -> unknown(thrown));
        };
    }

    /** Descriptors, threads, room or a disk that the machine lacks, however deep below the failure that is told. */
    private static Optional<Failure.Kind> trouble(Throwable thrown) {
        return Throwables.getCausalChain(thrown).stream()
                .filter(cause -> cause instanceof IOException
                        || cause instanceof LinuxException
                        || cause instanceof OutOfMemoryError)
                .map(HostTrouble::kind)
                .filter(kind -> kind != Failure.Kind.INTERNAL)
                .findFirst();
    }

    private static Status code(Failure.Kind kind, @Nullable String message) {
        return switch (kind) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case ABSENT -> Status.NOT_FOUND;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case WRONG_STATE -> Status.FAILED_PRECONDITION;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case DENIED -> isKubeletWord(message) ? Status.UNKNOWN : Status.PERMISSION_DENIED;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case UNAVAILABLE -> isKubeletWord(message) ? Status.UNKNOWN : Status.UNAVAILABLE;
            case TIMEOUT -> Status.DEADLINE_EXCEEDED;
            case CANCELLED -> Status.CANCELLED;
            case INTERNAL -> Status.INTERNAL;
        };
    }

    /**
     * kubelet shows the reason of a pull, or of a mount of an image, only if the error's text begins with one of its words, and it
     * takes the code away from the text only for UNKNOWN.
     */
    private static boolean isKubeletWord(@Nullable String message) {
        return message != null
                && (message.startsWith("RegistryUnavailable")
                        || message.startsWith("SignatureValidationFailed")
                        || message.startsWith("ImageVolumeMountFailed"));
    }

    private static Status unknown(Throwable thrown) {
        var reference = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
        log.atError()
                .addKeyValue("event", "internal-error")
                .addKeyValue("reference", reference)
                .setCause(thrown)
                .log("internal error");
        return Status.INTERNAL.withDescription("internal error, see the log of keelson for reference " + reference);
    }

    /** What says itself what was attempted, or begins with a word of kubelet's, is left as it is. */
    private static Status described(Status status, Attempt attempt, Throwable thrown) {
        // It may quote a request, and that may have anything in it.
        var message = String.valueOf(thrown.getMessage()).replaceAll("\\p{Cntrl}+", " ");
        var isWhole = message.startsWith("cannot ") || isKubeletWord(message);
        return status.withDescription(shortened(isWhole ? message : "cannot " + attempt + ": " + message));
    }

    /** The message, or its beginning: cut between characters. */
    static String shortened(String message) {
        var bytes = message.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= LONGEST_MESSAGE_BYTES) {
            return message;
        }
        var end = LONGEST_MESSAGE_BYTES - 3;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + "…";
    }
}
