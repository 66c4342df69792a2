package io.keelson.server.doctor;

import io.keelson.host.linux.WallClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether the time of day is to be believed: certificates, tokens and the order of pods go by it. */
final class ClockLook {
    /** Nothing of this program is older. */
    private static final Instant EARLIEST = Instant.parse("2025-01-01T00:00:00Z");
    /** What a clock that is put right may jump back by. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private ClockLook() {}

    static Finding look() {
        var now = Instant.now();
        if (now.isBefore(EARLIEST)) {
            return Finding.fail("clock", "it is " + now + " here, which cannot be", "set the clock");
        }
        return WallClock.isSynchronized()
                ? Finding.ok("clock", "kept right; it is " + now)
                : Finding.warn(
                        "clock",
                        "nothing keeps it right, says the kernel; it is " + now,
                        "start chrony, or another NTP client");
    }

    /** A clock that was put back makes new pods look older than those that they replace. */
    static Finding recordsTime(Path root) {
        var newest = Stream.of("pods", "containers")
                .flatMap(each -> newest(root.resolve(each)).stream())
                .max(Comparator.naturalOrder());
        var now = Instant.now();
        return newest.filter(each -> each.isAfter(now.plus(TOLERANCE)))
                .map(each -> Finding.fail(
                        "records-time",
                        "the clock was put back: something here was made at " + each + ", and it is " + now,
                        "set the clock; pods that were made meanwhile should be made anew"))
                .orElseGet(() -> Finding.ok("records-time", "no pod and no container is from the future"));
    }

    private static Optional<Instant> newest(Path directory) {
        try (var children = Files.list(directory)) {
            return children.flatMap(child -> modified(child).stream()).max(Comparator.naturalOrder());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Absent for what was removed meanwhile. */
    private static Optional<Instant> modified(Path path) {
        try {
            return Optional.of(Files.getLastModifiedTime(path).toInstant());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
