package io.keelson.image.registry;

import io.keelson.host.stream.PieceInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The body of an answer as a stream. The network runs ahead of the reader by {@link #WINDOW} parts, so that both are busy.
 * Unlike the JDK's own stream it gives up on a peer that sends nothing, or next to nothing, and ends at once when its reader is
 * interrupted.
 */
final class BodyStream extends PieceInput implements HttpResponse.BodySubscriber<InputStream> {
    /** Parts, of up to 64 KiB each, that are asked for before they are read. */
    static final int WINDOW = 32;

    private static final PartPool pool = new PartPool();

    private sealed interface Event {
        record Data(List<ByteBuffer> buffers) implements Event {}

        record End() implements Event {}

        record Failed(Throwable cause) implements Event {}
    }

    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final ArrayDeque<ByteBuffer> current = new ArrayDeque<>();
    private final Patience patience;
    private long waitedNanos;
    private long waitedSinceProgressNanos;
    private long bytesSinceProgress;
    private boolean begun;
    private boolean ended;
    // Written before the network begins to send, and then by its thread alone.
    private long toSkip;
    private Consumer<ByteBuffer> observer = bytes -> {};

    BodyStream(Patience patience) {
        this.patience = patience;
    }

    /**
     * Lets the network send. A reader that does not call this begins with its first read.
     *
     * @param skip bytes at the beginning that nobody sees
     * @param watcher sees every byte once, in order, on the network's thread, before the reader does
     */
    void begin(long skip, Consumer<ByteBuffer> watcher) {
        toSkip = skip;
        observer = watcher;
        begun = true;
        subscribed.join().request(WINDOW);
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        if (!subscribed.complete(subscription)) {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (var buffer : buffers) {
            var skipped = (int) Math.min(toSkip, buffer.remaining());
            toSkip -= skipped;
            buffer.position(buffer.position() + skipped);
            observer.accept(buffer.duplicate());
        }
        events.add(new Event.Data(pool.copy(buffers)));
    }

    @Override
    public void onError(Throwable cause) {
        events.add(new Event.Failed(cause));
    }

    @Override
    public void onComplete() {
        events.add(new Event.End());
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!awaitData()) {
            return -1;
        }
        var read = 0;
        while (read < length) {
            var buffer = current.peek();
            if (buffer == null) {
                break;
            }
            var count = Math.min(length - read, buffer.remaining());
            buffer.get(bytes, offset + read, count);
            read += count;
            if (!buffer.hasRemaining()) {
                pool.giveBack(current.remove());
            }
        }
        return read;
    }

    /** Whether {@code current} has bytes; false at the end. */
    private boolean awaitData() throws IOException {
        if (Thread.interrupted()) {
            throw interrupted();
        }
        while (current.isEmpty()) {
            if (ended) {
                return false;
            }
            if (!begun) {
                begin(0, bytes -> {});
            }
            switch (next()) {
                case Event.Data(var buffers) -> take(buffers);
                case Event.End() -> ended = true;
                case Event.Failed(var cause) -> {
                    ended = true;
                    throw cause instanceof IOException e
                            ? e
                            : new IOException(String.valueOf(cause.getMessage()), cause);
                }
            }
        }
        return true;
    }

    private void take(List<ByteBuffer> buffers) {
        for (var buffer : buffers) {
            if (buffer.hasRemaining()) {
                current.add(buffer);
                bytesSinceProgress += buffer.remaining();
            }
        }
        if (bytesSinceProgress >= patience.leastBytes()) {
            bytesSinceProgress = 0;
            waitedSinceProgressNanos = 0;
        }
        subscribed.join().request(1);
    }

    private Event next() throws IOException {
        var ready = events.poll();
        if (ready != null) {
            return ready;
        }
        var began = System.nanoTime();
        try {
            var event = events.poll(patience.noProgress().toNanos() - waitedSinceProgressNanos, TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new HttpTimeoutException(
                        "no progress for " + patience.noProgress().toSeconds() + " s");
            }
            return event;
        } catch (InterruptedException e) {
            throw interrupted();
        } finally {
            var waited = System.nanoTime() - began;
            waitedNanos += waited;
            waitedSinceProgressNanos += waited;
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted");
    }

    /** How long the reader has waited for the network. Asked by the reader. */
    long waitedNanos() {
        return waitedNanos;
    }

    /** Drops the rest; the connection is closed unless the end was near. */
    @Override
    public void close() {
        ended = true;
        current.forEach(pool::giveBack);
        current.clear();
        for (var event = events.poll(); event != null; event = events.poll()) {
            if (event instanceof Event.Data(var buffers)) {
                buffers.forEach(pool::giveBack);
            }
        }
        var closed = new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {}
        };
        if (!subscribed.complete(closed)) {
            subscribed.join().cancel();
        }
    }
}
