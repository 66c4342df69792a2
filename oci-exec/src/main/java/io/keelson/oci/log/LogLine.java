package io.keelson.oci.log;

import io.keelson.host.failure.Failure;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * A line of a container's log as kubelet reads it: time, stream, {@code F} for a whole line and {@code P} for a part of one, and
 * the text, separated by single spaces (Kubernetes, "CRI: Log Management").
 */
public record LogLine(Instant time, String stream, boolean isPartial, String text) {
    private static final int PARTS = 4;

    /** @throws Failure INVALID for anything else */
    public static LogLine parse(String line) {
        var parts = line.split(" ", PARTS);
        if (parts.length < PARTS
                || !(parts[1].equals("stdout") || parts[1].equals("stderr"))
                || !(parts[2].equals("P") || parts[2].equals("F"))) {
            throw Failure.invalid("not a line of a container's log: " + line);
        }
        try {
            return new LogLine(OffsetDateTime.parse(parts[0]).toInstant(), parts[1], parts[2].equals("P"), parts[3]);
        } catch (DateTimeException e) {
            throw new Failure(Failure.Kind.INVALID, "not a line of a container's log: " + line, e);
        }
    }
}
