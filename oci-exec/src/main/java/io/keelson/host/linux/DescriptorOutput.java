package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;

/**
 * Writes to a pipe, a socket or the master of a terminal, on any thread: a virtual one is not held by the kernel. For one writer.
 * Closing it closes the descriptor.
 */
public final class DescriptorOutput extends OutputStream {
    private static final int BUFFER_BYTES = 32 << 10;
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final Fd fd;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** From now on the open file does not block. */
    public DescriptorOutput(Fd fd) {
        this.fd = fd;
        Descriptors.setNonBlocking(fd);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    /**
     * All of it.
     *
     * @throws IOException if nobody reads any more
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted
     */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        var done = 0;
        while (done < length) {
            var count = Math.min(length - done, BUFFER_BYTES);
            buffer.clear().put(bytes, offset + done, count).flip();
            drain();
            done += count;
        }
    }

    private void drain() throws IOException {
        try {
            while (buffer.hasRemaining()) {
                if (Descriptors.write(fd, buffer) < 0) {
                    Readiness.await(fd, Descriptors.POLLOUT, Deadline.in(FOR_EVER));
                }
            }
        } catch (LinuxException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
