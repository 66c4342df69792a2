package io.keelson.image.registry;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where parts of bodies wait for their reader, outside the heap. The HTTP client makes a new buffer for each part that it receives:
 * kept until it is read, each would outlive a collection or two, and a pull would move all its bytes through the heap. Copied at once,
 * they die young. Any thread.
 */
final class PartPool {
    /** As long as what the client receives at once. */
    static final int PART_BYTES = 64 << 10;

    /** Parts that are kept for later; others are left to the collector. */
    private static final int MAX_KEPT = 128;

    private final ConcurrentLinkedQueue<ByteBuffer> kept = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** Uses what remains of the buffers. */
    List<ByteBuffer> copy(List<ByteBuffer> received) {
        var parts = new ArrayList<ByteBuffer>(received.size());
        for (var buffer : received) {
            while (buffer.hasRemaining()) {
                var part = take();
                var limit = buffer.limit();
                buffer.limit(buffer.position() + Math.min(part.capacity(), buffer.remaining()));
                parts.add(part.put(buffer).flip());
                buffer.limit(limit);
            }
        }
        return parts;
    }

    private ByteBuffer take() {
        var part = kept.poll();
        if (part == null) {
            return ByteBuffer.allocateDirect(PART_BYTES);
        }
        count.decrementAndGet();
        return part.clear();
    }

    /** Nobody reads the part any more. */
    void giveBack(ByteBuffer part) {
        if (count.incrementAndGet() <= MAX_KEPT) {
            kept.add(part);
        } else {
            count.decrementAndGet();
        }
    }
}
