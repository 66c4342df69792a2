package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Buffers outside of the heap that are given back when they are no longer needed, and not when a garbage collection finds that out:
 * with many at once the JVM's allowance for direct buffers would be used up before. Used by any threads, none of them after
 * {@link #close}.
 */
public final class NativeMemory implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();

    /** A buffer of zeros. */
    public ByteBuffer allocate(int bytes) {
        return allocate(bytes, ALIGNMENT);
    }

    /**
     * A buffer of zeros that begins at a multiple of so many bytes.
     *
     * @param alignment a power of two
     */
    public ByteBuffer allocate(int bytes, long alignment) {
        return arena.allocate(bytes, alignment).asByteBuffer();
    }

    /** Frees all of them; whoever uses one from then on gets an IllegalStateException. */
    @Override
    public void close() {
        arena.close();
    }
}
