package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.host.stream.PieceInput;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.PartialBlob;
import io.keelson.image.registry.BlobStream;
import io.keelson.image.registry.RegistrySession;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A layer's blob as it arrives: as one stream straight to the reader, and, where the blob is large and the reader waits for the network
 * most of the time, from then on in parts that come by way of the disk. Where parts do not work, one stream goes on with what is
 * missing. Read by one thread, which closes it; how far it is may be asked by any.
 */
final class LayerStream extends PieceInput {
    private static final Logger log = LoggerFactory.getLogger(LayerStream.class);
    private static final int REST_BYTES = 64 * 1024;

    private final RegistrySession session;
    private final Descriptor blob;
    private final PartsPlace place;
    private final RangeSettings settings;
    private final long begunNanos = System.nanoTime();
    private volatile BlobStream single;
    private volatile @Nullable PartsStream parts;
    private @Nullable PartsStream given;
    private boolean mayTakeParts;
    private boolean hasBegun;
    private boolean isForgotten;
    private long position;
    private long waitedNanos;
    private int resumes;
    private long firstByteNanos;
    private long markNanos = begunNanos;
    private long readingNanos;

    /** @param mayTakeParts whether it need not be one stream */
    LayerStream(RegistrySession session, Descriptor blob, PartsPlace place, boolean mayTakeParts) {
        this.session = session;
        this.blob = blob;
        this.place = place;
        this.settings = place.settings();
        this.mayTakeParts = mayTakeParts && blob.sizeBytes() >= settings.largeBytes();
        this.single = session.stream(
                blob.digest(),
                blob.sizeBytes(),
                0,
                blob.digest().newHash(),
                this.mayTakeParts ? settings.partBytes() : 0);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (mayTakeParts) {
            considerParts();
        }
        var began = System.nanoTime();
        var count = readSome(bytes, offset, upToMark(length));
        var now = System.nanoTime();
        readingNanos += now - began;
        if (count > 0) {
            if (position == 0) {
                firstByteNanos = now - begunNanos;
                markNanos = now;
                readingNanos = 0;
            }
            position += count;
        }
        return count;
    }

    /** As long as there is something to decide at the next mark, nothing is read beyond it. */
    private int upToMark(int length) {
        return mayTakeParts ? (int) Math.min(length, settings.partBytes() - position % settings.partBytes()) : length;
    }

    private int readSome(byte[] bytes, int offset, int length) {
        var current = parts;
        if (current != null) {
            try {
                return current.read(bytes, offset, length);
            } catch (Failure e) {
                if (e.kind() == Failure.Kind.CANCELLED || current.isWrong()) {
                    throw e;
                }
                goOnAsOne(current, e);
            }
        }
        return single.read(bytes, offset, length);
    }

    /** At the beginning: whether some of it is here. Later: whether one stream is too slow, and enough is left to be quicker. */
    private void considerParts() {
        if (!hasBegun) {
            hasBegun = true;
            if (settings.waitPercent() == 0 || place.has(blob)) {
                takeParts(blob.digest().newHash());
            }
            return;
        }
        if (position == 0 || position % settings.partBytes() != 0) {
            return;
        }
        var left = blob.sizeBytes() - position;
        var isSlow = readingNanos * 100 >= (System.nanoTime() - markNanos) * settings.waitPercent();
        var hash = single.hashAt(position);
        if (isSlow && left >= 2L * settings.partBytes() && hash.isPresent()) {
            takeParts(hash.get());
        }
        markNanos = System.nanoTime();
        readingNanos = 0;
    }

    private void takeParts(MessageDigest hash) {
        mayTakeParts = false;
        try {
            place.take(blob).ifPresent(partial -> takeParts(partial, hash));
        } catch (Failure e) {
            // Without room on disk it is as it was.
            log.atWarn()
                    .addKeyValue("event", "parts-not-kept")
                    .addKeyValue("blob", blob.digest())
                    .log("blob {} is fetched as one stream: {}", blob.digest(), e.getMessage());
        }
    }

    private void takeParts(PartialBlob partial, MessageDigest hash) {
        try {
            parts = new PartsStream(
                    blob, partial, session.ranges(blob.digest(), blob.sizeBytes()), position, hash, settings);
        } catch (RuntimeException e) {
            partial.close();
            throw e;
        }
        given = parts;
        waitedNanos += single.waitedNanos();
        resumes += single.resumes();
        single.close();
    }

    /** What is on disk stays for the next time, unless it is the disk that failed. */
    private void goOnAsOne(PartsStream ended, Failure why) {
        if (why.kind() != Failure.Kind.UNAVAILABLE) {
            ended.partial().discard();
        }
        parts = null;
        ended.close();
        waitedNanos += ended.waitedNanos();
        single = session.stream(blob.digest(), blob.sizeBytes(), position, ended.hash(), 0);
    }

    /** What came in parts is of no use to another pull. */
    void forget() {
        isForgotten = true;
    }

    /** After a failure: whether what came was wrong, and another try may bring something else. */
    boolean isWorthAnother() {
        return hasTakenParts() ? isWrong() : single.isWorthAnother();
    }

    private boolean isWrong() {
        var current = parts;
        return single.isWrong() || (current != null && current.isWrong());
    }

    /** Whether some of it came in parts: if that is wrong, nobody knows whose part it was. */
    boolean hasTakenParts() {
        return given != null;
    }

    /**
     * After a reader could not make sense of what came: reads the rest, to know whose fault that is. A blob that is what its digest
     * says is the image's; another is the endpoint's.
     *
     * @throws Failure INVALID naming the endpoint if it is another, or whatever keeps the rest from being read
     */
    void judge() {
        var rest = new byte[REST_BYTES];
        while (!isWrong() && read(rest, 0, rest.length) >= 0) {
            // Only the digest counts.
        }
    }

    /** Where it came from; those that sent parts in the order in which they began. */
    List<String> endpoints() {
        var from = parts == null ? given : parts;
        var senders = from == null ? List.<String>of() : from.ranges().endpoints();
        return Stream.concat(Stream.of(single.endpoint()).filter(endpoint -> !endpoint.isEmpty()), senders.stream())
                .distinct()
                .collect(Collectors.toList());
    }

    /** From its making to its first byte. */
    long firstByteNanos() {
        return firstByteNanos;
    }

    /** How long the reader waited for the network. */
    long waitedNanos() {
        var current = parts;
        return waitedNanos + (current == null ? single.waitedNanos() : current.waitedNanos());
    }

    /** How often something broke and was taken up again. */
    int resumes() {
        var current = given;
        return resumes
                + (parts == null ? single.resumes() : 0)
                + (current == null ? 0 : current.ranges().troubles());
    }

    /** Parts that came. */
    int parts() {
        var current = given;
        return current == null ? 0 : current.fetched();
    }

    /** Parts on their way. */
    int running() {
        var current = parts;
        return current == null ? 0 : current.running();
    }

    /** What an earlier pull had left. */
    long bytesFound() {
        var current = given;
        return current == null ? 0 : current.partial().bytesFound();
    }

    @Override
    public void close() {
        single.close();
        var current = parts;
        if (current != null) {
            if (isForgotten || current.isFinished() || current.isWrong()) {
                current.partial().discard();
            }
            current.close();
        } else if (given != null && isOver()) {
            place.discard(blob);
        }
    }

    /** One stream went on where parts had ended, and came to its end, so that their file is of no use. */
    private boolean isOver() {
        return isForgotten || isWrong() || position == blob.sizeBytes();
    }
}
