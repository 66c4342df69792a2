package io.keelson.image.compression;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.NativeMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.function.LongConsumer;

/** The blob's bytes in a direct buffer, which native code can read, with a look at what comes first. */
public final class CompressedInput {
    private static final int BUFFER_BYTES = 256 << 10;
    /** Bytes before the position that stay valid: a decompressor may have read ahead, and give them back. */
    private static final int HISTORY_BYTES = 16;

    private final InputStream stream;
    private final LongConsumer waited;
    private final byte[] heap = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer;
    private boolean ended;

    public CompressedInput(InputStream stream, NativeMemory memory) {
        this(stream, _ -> {}, memory);
    }

    /** @param waited hears how many nanoseconds each reading of the stream took */
    public CompressedInput(InputStream stream, LongConsumer waited, NativeMemory memory) {
        this.buffer = memory.allocate(BUFFER_BYTES).limit(0);
        this.stream = stream;
        this.waited = waited;
    }

    /** Unread bytes; reads more if there are none. Empty only at the end of the blob. */
    ByteBuffer available() {
        if (!buffer.hasRemaining()) {
            refill();
        }
        return buffer;
    }

    /** Unread bytes, at least so many if the blob has them. */
    ByteBuffer available(int count) {
        while (buffer.remaining() < count && !ended) {
            refill();
        }
        return buffer;
    }

    /** The next byte, or -1 at the end. */
    int read() {
        var available = available();
        return available.hasRemaining() ? Byte.toUnsignedInt(available.get()) : -1;
    }

    private void refill() {
        if (ended) {
            return;
        }
        var start = System.nanoTime();
        try {
            var history = Math.min(HISTORY_BYTES, buffer.position());
            var count = stream.read(heap, 0, BUFFER_BYTES - history - buffer.remaining());
            if (count < 0) {
                ended = true;
                return;
            }
            buffer.position(buffer.position() - history)
                    .compact()
                    .put(heap, 0, count)
                    .flip()
                    .position(history);
        } catch (InterruptedIOException | ClosedByInterruptException e) {
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while reading the layer's blob", e);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, "cannot read the layer's blob: " + e.getMessage(), e);
        } finally {
            waited.accept(System.nanoTime() - start);
        }
    }

    /** The rest as a stream, for a library that wants one. */
    InputStream asStream() {
        return new InputStream() {
            @Override
            public int read() {
                return CompressedInput.this.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                var available = CompressedInput.this.available();
                var count = Math.min(length, available.remaining());
                available.get(bytes, offset, count);
                return count == 0 && length > 0 ? -1 : count;
            }
        };
    }
}
