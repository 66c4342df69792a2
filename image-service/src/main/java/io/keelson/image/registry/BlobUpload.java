package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.stream.PieceInput;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One blob on its way to a registry: in one piece if it is small, else in chunks, so that a connection that breaks costs a chunk. Where
 * a chunk was lost, the registry says how much it has, and it goes on from there; where it does not say, from the beginning.
 */
final class BlobUpload {
    /** Largest piece that is sent in one request. */
    static final int CHUNK_BYTES = 64 << 20;
    /** How often it is begun anew, or goes on after a lost chunk. */
    static final int MAX_RESUMES = 5;

    /** Slower than this is not waited for. */
    private static final int LEAST_BYTES_PER_SECOND = 64 << 10;

    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

    private final RegistryConnection connection;
    private final Effort effort;
    private final Digest digest;
    private final long sizeBytes;
    private final BlobSource source;
    private final int chunkBytes;

    BlobUpload(RegistryConnection connection, Effort effort, Digest digest, long sizeBytes, BlobSource source) {
        this(connection, effort, digest, sizeBytes, source, CHUNK_BYTES);
    }

    BlobUpload(
            RegistryConnection connection,
            Effort effort,
            Digest digest,
            long sizeBytes,
            BlobSource source,
            int chunkBytes) {
        this.connection = connection;
        this.effort = effort;
        this.digest = digest;
        this.sizeBytes = sizeBytes;
        this.source = source;
        this.chunkBytes = chunkBytes;
    }

    void run() {
        var place = begin();
        var sent = 0L;
        var resumes = 0;
        while (sizeBytes - sent > chunkBytes) {
            try {
                place = chunk(place, sent);
                sent += chunkBytes;
            } catch (Failure e) {
                if (e.kind() != Failure.Kind.UNAVAILABLE || ++resumes > MAX_RESUMES) {
                    throw e;
                }
                sent = received(place);
                if (sent < 0) {
                    place = begin();
                    sent = 0;
                }
            }
        }
        finish(place, sent);
    }

    private String begin() {
        try (var answer = connection.request("POST", "blobs/uploads/", Map.of(), PushSession.nothing(), effort)) {
            if (answer.status() != 202) {
                throw RegistrySession.unexpected(connection, answer, "upload of blob " + digest);
            }
            return location(connection, answer);
        }
    }

    private String chunk(String place, long offset) {
        var headers = Map.of(
                "Content-Type", "application/octet-stream", "Content-Range", offset + "-" + (offset + chunkBytes - 1));
        try (var answer = connection.request("PATCH", place, headers, Optional.of(piece(offset, chunkBytes)), once())) {
            if (answer.status() != 202 && answer.status() != 204) {
                throw Failure.unavailable(connection.endpoint() + " answered " + answer.status()
                        + " for a piece of blob " + digest + Bodies.error(answer));
            }
            return location(connection, answer);
        }
    }

    /** How many bytes the registry has of an upload; negative if it does not say. */
    private long received(String place) {
        try (var answer = connection.request("GET", place, Map.of(), effort)) {
            var range = RANGE.matcher(answer.header("Range"));
            return answer.status() == 204 && range.matches() ? Long.parseLong(range.group(1)) + 1 : -1;
        }
    }

    private void finish(String place, long offset) {
        var rest = sizeBytes - offset;
        var headers = Map.of("Content-Type", "application/octet-stream");
        var whole = place + (place.indexOf('?') < 0 ? "?" : "&") + "digest=" + digest;
        try (var answer = connection.request("PUT", whole, headers, Optional.of(piece(offset, rest)), once())) {
            if (answer.status() != 201 && answer.status() != 204) {
                throw RegistrySession.unexpected(connection, answer, "blob " + digest);
            }
        }
    }

    /** What is sent is not sent again by itself: the registry may have taken it, and its answer is what was lost. */
    private Effort once() {
        var patience = effort.patience();
        var longest = Duration.ofSeconds(chunkBytes / LEAST_BYTES_PER_SECOND);
        return new Effort(
                1, true, new Patience(patience.answer().plus(longest), patience.noProgress(), patience.leastBytes()));
    }

    private Exchange.Payload piece(long offset, long length) {
        if (length == 0) {
            return PushSession.nothing().orElseThrow();
        }
        var stream = HttpRequest.BodyPublishers.ofInputStream(() -> {
            try {
                return new Limited(source.open(offset), length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return new Exchange.Payload(HttpRequest.BodyPublishers.fromPublisher(stream, length), true);
    }

    /** Where an upload goes on, which may be another server, but by no weaker transport. */
    static String location(RegistryConnection connection, Wire.Answer answer) {
        var said = answer.header("Location");
        try {
            var place = answer.uri().resolve(said);
            if (said.isEmpty() || place.getHost() == null || place.getRawUserInfo() != null) {
                throw Failure.unavailable(connection.endpoint() + " names no place for an upload");
            }
            if (Origin.of(answer.uri()).isSecure() && !Origin.of(place).isSecure()) {
                throw Failure.unavailable(connection.endpoint() + " leads an upload from https to http");
            }
            return URI.create(place.toString()).toString();
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, connection.endpoint() + " names no address for an upload", e);
        }
    }

    /** The first bytes of a stream. */
    private static final class Limited extends PieceInput {
        private final InputStream stream;
        private long left;

        Limited(InputStream stream, long length) {
            this.stream = stream;
            this.left = length;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            var count = stream.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(count, 0);
            return count;
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
