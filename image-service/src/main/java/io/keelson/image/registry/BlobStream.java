package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.stream.PieceInput;
import io.keelson.image.reference.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A blob while it arrives. It ends only when size and digest are those of its descriptor; anything else is a {@link Failure} from
 * {@code read}. A connection that breaks is taken up again where it broke, on the same or the next endpoint. The hash is taken on
 * the network's thread, so that the reader's is free for what it does with the bytes. Read by one thread.
 */
public final class BlobStream extends PieceInput {
    /** How often a broken connection is taken up again. */
    static final int MAX_RESUMES = 5;

    private static final int REST_BYTES = 64 * 1024;

    private final RegistrySession session;
    private final Digest digest;
    private final long sizeBytes;
    private final HashTrail hash;
    private final long begunNanos = System.nanoTime();
    private volatile @Nullable RegistryBlob blob;
    private long received;
    private long receivedAtOpen;
    private int resumes;
    private long waitedNanos;
    private long firstByteNanos;
    private boolean wrong;
    private boolean finished;

    /**
     * @param from what is before this is not sent
     * @param hash of that
     * @param markBytes distance of the positions at which {@link #hashAt} can be asked; zero for none
     */
    BlobStream(RegistrySession session, Digest digest, long sizeBytes, long from, MessageDigest hash, int markBytes) {
        this.session = session;
        this.digest = digest;
        this.sizeBytes = sizeBytes;
        this.received = from;
        this.hash = new HashTrail(hash, from, markBytes);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        while (!finished) {
            var opened = opened();
            try {
                var count = opened.body().read(bytes, offset, length);
                if (count > 0) {
                    received(count);
                    return count;
                }
                if (received < sizeBytes) {
                    throw new EOFException("ended after " + received + " of " + sizeBytes + " bytes");
                }
                checkDigest(opened);
                finished = true;
            } catch (IOException e) {
                takeUp(opened, e);
            }
        }
        return -1;
    }

    private RegistryBlob opened() {
        var current = blob;
        if (current == null) {
            receivedAtOpen = received;
            current = session.openBlob(digest, sizeBytes, received, hash::add);
            blob = current;
        }
        return current;
    }

    /** The hash of all before this position, which is a multiple of the distance and where the reader is. */
    public Optional<MessageDigest> hashAt(long position) {
        return hash.at(position);
    }

    private void received(int count) {
        if (firstByteNanos == 0) {
            firstByteNanos = System.nanoTime() - begunNanos;
        }
        received += count;
        if (received > sizeBytes) {
            throw wrong("has more than the " + sizeBytes + " bytes that the manifest says");
        }
    }

    private void checkDigest(RegistryBlob opened) {
        waitedNanos += opened.body().waitedNanos();
        var actual = digest.sameKind(hash.whole());
        if (!actual.equals(digest)) {
            throw wrong("is not what it says: its digest is " + actual);
        }
    }

    private Failure wrong(String how) {
        wrong = true;
        return Failure.invalid(endpoint() + ": blob " + digest + " " + how);
    }

    private void takeUp(RegistryBlob opened, IOException e) {
        waitedNanos += opened.body().waitedNanos();
        opened.body().close();
        blob = null;
        if (Thread.currentThread().isInterrupted()) {
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while fetching blob " + digest, e);
        }
        // Who has become silent stays silent, most likely: others go on where it stopped.
        var hasOther = (received == receivedAtOpen || e instanceof HttpTimeoutException)
                && session.distrust(opened.endpoint());
        if (++resumes > MAX_RESUMES || (received == receivedAtOpen && !hasOther && resumes > 1)) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    RegistrySession.REGISTRY_UNAVAILABLE + "cannot fetch blob " + digest + ": " + opened.endpoint()
                            + ": " + e.getMessage(),
                    e);
        }
    }

    /** Where it came from last; empty before the first byte. */
    public String endpoint() {
        var current = blob;
        return current == null ? "" : current.endpoint().toString();
    }

    /** Whether what came is not what was asked for. */
    public boolean isWrong() {
        return wrong;
    }

    /** After a failure: whether what came was wrong, and there is another endpoint, to which a new stream will go. */
    public boolean isWorthAnother() {
        var current = blob;
        return wrong && current != null && session.distrust(current.endpoint());
    }

    /**
     * After a reader could not make sense of what came: reads the rest, to know whose fault that is. A blob that is what its digest
     * says is the image's; another is the endpoint's.
     *
     * @throws Failure INVALID naming the endpoint if it is another, or whatever keeps the rest from being read
     */
    public void judge() {
        var rest = new byte[REST_BYTES];
        while (!wrong && read(rest, 0, rest.length) >= 0) {
            // Only the digest counts.
        }
    }

    /** From the making of this stream to its first byte. */
    public long firstByteNanos() {
        return firstByteNanos;
    }

    /** How long the reader waited for the network. Asked by the reader. */
    public long waitedNanos() {
        var current = blob;
        return waitedNanos + (current == null || finished ? 0 : current.body().waitedNanos());
    }

    public int resumes() {
        return resumes;
    }

    @Override
    public void close() {
        var current = blob;
        if (current != null) {
            current.body().close();
        }
    }
}
