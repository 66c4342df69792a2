package io.keelson.server.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What came over one strand of a connection, for one reader. Whoever brings it never waits. */
final class StreamInput extends InputStream {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Queue<byte[]> pieces = new ArrayDeque<>();
    private final Backlog backlog;
    private final IntConsumer taken;
    private byte @Nullable [] current;
    private int position;
    private boolean hasEnded;
    private boolean isClosed;
    private @Nullable String failure;

    /** @param taken told how many bytes left, read or thrown away; on any thread */
    StreamInput(Backlog backlog, IntConsumer taken) {
        this.backlog = backlog;
        this.taken = taken;
    }

    void offer(byte[] piece) {
        lock.lock();
        try {
            if (!hasEnded && failure == null && !isClosed && piece.length > 0) {
                pieces.add(piece);
                backlog.add(piece.length);
                changed.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        taken.accept(piece.length);
    }

    /** No more will come. */
    void end() {
        lock.lock();
        try {
            hasEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** It was cut off; what is unread goes with it. Without effect after the end. */
    void fail(String why) {
        lock.lock();
        try {
            if (!hasEnded && failure == null) {
                failure = why;
                changed.signalAll();
            } else {
                return;
            }
        } finally {
            lock.unlock();
        }
        discard();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        var count = take(bytes, offset, length);
        if (count > 0) {
            release(count);
        }
        return count;
    }

    private int take(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            var piece = await();
            if (piece == null) {
                return -1;
            }
            var count = Math.min(length, piece.length - position);
            System.arraycopy(piece, position, bytes, offset, count);
            position += count;
            if (position == piece.length) {
                current = null;
            }
            return count;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Null at the end. */
    private byte @Nullable [] await() throws IOException, InterruptedException {
        while (true) {
            if (isClosed || failure != null) {
                throw new IOException(failure == null ? "closed" : failure);
            }
            if (current != null) {
                return current;
            }
            current = pieces.poll();
            position = 0;
            if (current == null) {
                if (hasEnded) {
                    return null;
                }
                changed.await();
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        discard();
    }

    private void discard() {
        var bytes = 0;
        lock.lock();
        try {
            if (current != null) {
                bytes += current.length - position;
                current = null;
            }
            for (var piece : pieces) {
                bytes += piece.length;
            }
            pieces.clear();
        } finally {
            lock.unlock();
        }
        if (bytes > 0) {
            release(bytes);
        }
    }

    private void release(int bytes) {
        backlog.remove(bytes);
        taken.accept(bytes);
    }
}
