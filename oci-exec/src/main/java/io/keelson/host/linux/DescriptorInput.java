package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pipe, a socket or the master of a terminal, on any thread: a virtual one is not held by the kernel. For one reader. The
 * descriptor stays its owner's, who closes it when nobody reads any more.
 */
public final class DescriptorInput extends InputStream {
    /** As much as the largest pipe can hold (pipe(7), pipe-max-size). */
    static final int LAST_BYTES = 1 << 20;

    private static final int BUFFER_BYTES = 32 << 10;
    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final Fd fd;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private volatile @Nullable Deadline last;
    private volatile CountDownLatch waiting = new CountDownLatch(1);
    private int lateBytes;

    /** From now on the open file does not block. */
    public DescriptorInput(Fd fd) {
        this.fd = fd;
        Descriptors.setNonBlocking(fd);
    }

    /**
     * Whoever wrote has ended, and others who can write are not waited for beyond this: then the input is at its end once what is
     * there has been read. On any thread, once.
     */
    public void finishBy(Deadline deadline) {
        last = deadline;
        waiting.countDown();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    /**
     * What there is, and at least one byte; -1 at the end. For a terminal that is that nobody has its other side open (pty(7)), for
     * a socket also that the other side left without reading all (ECONNRESET).
     *
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted
     */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!buffer.hasRemaining() && !fill()) {
            return -1;
        }
        var count = Math.min(length, buffer.remaining());
        buffer.get(bytes, offset, count);
        return count;
    }

    private boolean fill() throws IOException {
        try {
            while (lateBytes < LAST_BYTES) {
                var count = Descriptors.read(fd, buffer.clear());
                buffer.flip();
                if (count >= 0) {
                    countLate(count);
                    return count > 0;
                }
                if (!awaitMore()) {
                    return false;
                }
            }
            // Somebody who writes without end would otherwise be heard without end.
            return false;
        } catch (LinuxException e) {
            buffer.limit(0);
            if (e.is(Errno.EIO) || e.is(Errno.ECONNRESET)) {
                return false;
            }
            throw new IOException(e.getMessage(), e);
        }
    }

    private void countLate(int count) {
        var deadline = last;
        if (deadline != null && deadline.hasPassed()) {
            lateBytes += count;
        }
    }

    private boolean awaitMore() {
        var mine = new CountDownLatch(1);
        waiting = mine;
        var deadline = last;
        if (deadline != null) {
            return Readiness.await(fd, Descriptors.POLLIN, deadline);
        }
        return Readiness.await(fd, Descriptors.POLLIN, Deadline.in(FOR_EVER), mine);
    }
}
