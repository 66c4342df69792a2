package io.keelson.server.tracing;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Sends spans that have ended, many at once, from a thread of its own. Whoever ends a span never waits: one for which there is no room
 * is lost, and counted. (The SDK's own processor does not tell its count without the SDK's metrics.)
 */
final class SpanSender implements SpanProcessor {
    /** What a collector may take for a message. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MOST_WAITING = 2048;
    private static final int MOST_AT_ONCE = 512;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final BlockingQueue<ReadableSpan> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final CountDownLatch isEnding = new CountDownLatch(1);
    private final SpanExporter exporter;
    private final Runnable connect;
    private final LongConsumer complain;
    private final Thread thread;

    private SpanSender(SpanExporter exporter, Runnable connect, LongConsumer complain) {
        this.exporter = exporter;
        this.connect = connect;
        this.complain = complain;
        this.thread = Thread.ofVirtual().name("traces").unstarted(this::send);
    }

    /**
     * @param connect done before each message
     * @param complain told, after each message that did not arrive, how many spans are lost so far
     */
    static SpanSender start(SpanExporter exporter, Runnable connect, LongConsumer complain) {
        var sender = new SpanSender(exporter, connect, complain);
        sender.thread.start();
        return sender;
    }

    long sent() {
        return sent.get();
    }

    long lost() {
        return lost.get();
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
        return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        if (!waiting.offer(span)) {
            lost.incrementAndGet();
        }
    }

    @Override
    public boolean isEndRequired() {
        return true;
    }

    /** Sends what waits, for so long at most. */
    void end(Duration patience) {
        isEnding.countDown();
        try {
            if (!thread.join(patience)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send() {
        try {
            var isLast = false;
            while (!isLast) {
                isLast = isEnding.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                sendAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendAll() throws InterruptedException {
        var spans = next();
        while (!spans.isEmpty()) {
            send(spans);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            spans = next();
        }
    }

    private List<SpanData> next() {
        var ended = new ArrayList<ReadableSpan>(MOST_AT_ONCE);
        waiting.drainTo(ended, MOST_AT_ONCE);
        return ended.stream().map(ReadableSpan::toSpanData).toList();
    }

    private void send(List<SpanData> spans) {
        connect.run();
        var result = exporter.export(spans).join(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (result.isSuccess()) {
            sent.addAndGet(spans.size());
        } else {
            var all = lost.addAndGet(spans.size());
            complain.accept(all);
        }
    }
}
