package io.keelson.image.registry;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The hash of a stream that runs ahead of its reader. At every multiple of a distance it remembers what the hash was there, so that
 * somebody else can go on from where the reader is. The network's thread adds; the reader asks.
 */
final class HashTrail {
    private final MessageDigest hash;
    private final int distance;
    private final TreeMap<Long, MessageDigest> marks = new TreeMap<>();
    private long position;

    /**
     * @param hash of what was before {@code position}
     * @param distance of the marks; zero for none
     */
    HashTrail(MessageDigest hash, long position, int distance) {
        this.hash = hash;
        this.position = position;
        this.distance = distance;
    }

    void add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            var toMark = distance == 0 ? Long.MAX_VALUE : distance - position % distance;
            var count = (int) Math.min(toMark, bytes.remaining());
            hash.update(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            position += count;
            if (count == toMark) {
                mark();
            }
        }
    }

    private synchronized void mark() {
        copy(hash).ifPresent(copy -> marks.put(position, copy));
    }

    /** At a mark that the reader has come to; earlier ones are forgotten. Absent where the hash cannot be copied. */
    synchronized Optional<MessageDigest> at(long mark) {
        marks.headMap(mark).clear();
        return Optional.ofNullable(marks.remove(mark));
    }

    /** Of everything. The stream has ended. */
    MessageDigest whole() {
        return hash;
    }

    private static Optional<MessageDigest> copy(MessageDigest hash) {
        try {
            return Optional.of((MessageDigest) hash.clone());
        } catch (CloneNotSupportedException e) {
            return Optional.empty();
        }
    }
}
