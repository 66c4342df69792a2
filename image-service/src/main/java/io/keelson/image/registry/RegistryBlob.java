package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A blob, or the rest of it, that a registry has begun to send.
 *
 * @param body begins at the offset that was asked for
 */
record RegistryBlob(RegistryEndpoint endpoint, BodyStream body) {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

    /** @throws Failure ABSENT if there is no such blob, INVALID if the registry announces another size */
    static RegistryBlob open(
            RegistryConnection connection,
            Digest digest,
            long sizeBytes,
            long offset,
            Effort effort,
            Consumer<ByteBuffer> observer) {
        if (offset > 0) {
            var range = Map.of("Range", "bytes=" + offset + "-");
            var answer = connection.request("GET", "blobs/" + digest, range, effort);
            if (answer.status() == 206 && isRest(answer.header("Content-Range"), offset, sizeBytes)) {
                return begun(connection, answer, 0, observer);
            }
            // A server that knows no ranges, or not well, sends all of it again; its beginning is skipped.
            answer.close();
        }
        var answer = connection.request("GET", "blobs/" + digest, Map.of(), effort);
        if (answer.status() != 200) {
            try (answer) {
                throw RegistrySession.unexpected(connection, answer, "blob " + digest);
            }
        }
        check(connection, answer, digest, sizeBytes);
        return begun(connection, answer, offset, observer);
    }

    private static RegistryBlob begun(
            RegistryConnection connection, Wire.Answer answer, long toSkip, Consumer<ByteBuffer> observer) {
        answer.body().begin(toSkip, observer);
        return new RegistryBlob(connection.endpoint(), answer.body());
    }

    private static void check(RegistryConnection connection, Wire.Answer answer, Digest digest, long sizeBytes) {
        OptionalLong announced = answer.response().headers().firstValueAsLong("Content-Length");
        if (announced.isPresent() && announced.getAsLong() != sizeBytes) {
            answer.close();
            throw Failure.invalid(connection.endpoint() + ": blob " + digest + " has " + announced.getAsLong()
                    + " bytes, and the manifest says " + sizeBytes);
        }
    }

    /** Whether the header says that all from {@code offset} on comes. */
    static boolean isRest(String contentRange, long offset, long sizeBytes) {
        var match = CONTENT_RANGE.matcher(contentRange);
        return match.matches()
                && Long.parseLong(match.group(1)) == offset
                && (match.group(3).equals("*") || Long.parseLong(match.group(3)) == sizeBytes);
    }

    /** Whether the header says that what is from {@code from} to before {@code to} comes, and nothing else. */
    static boolean isPart(String contentRange, long from, long to, long sizeBytes) {
        var match = CONTENT_RANGE.matcher(contentRange);
        return isRest(contentRange, from, sizeBytes) && match.matches() && Long.parseLong(match.group(2)) == to - 1;
    }
}
