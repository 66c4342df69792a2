package io.keelson.server.explain;

import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** When a container's program first said something: the time at the beginning of its log. */
final class FirstLine {
    private static final int LONGEST_TIME = 64;

    private FirstLine() {}

    /** Absent if there is no log, or its beginning was rotated away. No link is followed to it. */
    static Optional<Instant> of(Json.Obj container, Instant started) {
        return container
                .findText("logPath")
                .map(Path::of)
                .filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                .flatMap(FirstLine::time)
                .filter(time -> !time.isBefore(started));
    }

    private static Optional<Instant> time(Path log) {
        try (var input = Files.newInputStream(log, LinkOption.NOFOLLOW_LINKS)) {
            var beginning = new String(input.readNBytes(LONGEST_TIME), StandardCharsets.US_ASCII);
            return Optional.of(OffsetDateTime.parse(beginning.split(" ", 2)[0]).toInstant());
        } catch (IOException | DateTimeException e) {
            return Optional.empty();
        }
    }
}
