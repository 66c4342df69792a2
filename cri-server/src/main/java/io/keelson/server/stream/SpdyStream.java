package io.keelson.server.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One stream of a SPDY connection. It is over when both directions are. */
final class SpdyStream implements Strand, StrandOutput.Frames {
    /** The client's window is widened when so much of it was used. */
    private static final int WIDEN_BYTES = SendWindows.INITIAL_BYTES / 2;

    private final Channel channel;
    private final int id;
    private final Map<String, String> headers;
    private final Runnable over;
    private final SendWindows.Window window;
    private final StreamInput input;
    private final StrandOutput output = new StrandOutput(this);
    private final AtomicInteger takenBytes = new AtomicInteger();
    private volatile boolean isCutOff;
    private boolean hasInputEnded;
    private boolean hasOutputEnded;

    /**
     * @param headers with names in lower case
     * @param over run once, on the connection's thread
     */
    SpdyStream(
            Channel channel, int id, Map<String, String> headers, Backlog backlog, SendWindows windows, Runnable over) {
        this.channel = channel;
        this.id = id;
        this.headers = Map.copyOf(headers);
        this.over = over;
        this.window = windows.open();
        this.input = new StreamInput(backlog, this::widen);
    }

    int id() {
        return id;
    }

    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    SendWindows.Window window() {
        return window;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    /** On the connection's thread, as what follows. */
    void received(byte[] piece) {
        input.offer(piece);
    }

    void receivedEnd() {
        input.end();
        ended(true, false);
    }

    void receivedReset() {
        cutOff("it was cut off");
        ended(true, true);
    }

    /** The connection is gone. */
    void lost() {
        cutOff("the client is gone");
    }

    private void cutOff(String why) {
        isCutOff = true;
        input.fail(why);
        window.close();
    }

    @Override
    public int send(byte[] bytes, int offset, int length) throws IOException {
        var granted = window.take(length);
        Sending.await(channel, new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, offset, granted)));
        return granted;
    }

    @Override
    public void end() throws IOException {
        if (isCutOff) {
            return;
        }
        var frame = new DefaultSpdyDataFrame(id);
        frame.setLast(true);
        channel.eventLoop().execute(() -> ended(false, true));
        Sending.await(channel, frame);
    }

    @Override
    public void abort() {
        Sending.unawaited(channel.writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.CANCEL)));
        channel.eventLoop().execute(this::receivedReset);
    }

    private void ended(boolean isInput, boolean isOutput) {
        var wasOver = hasInputEnded && hasOutputEnded;
        hasInputEnded |= isInput;
        hasOutputEnded |= isOutput;
        if (!wasOver && hasInputEnded && hasOutputEnded) {
            window.close();
            over.run();
        }
    }

    /** Lets the client send as much as was read. */
    private void widen(int bytes) {
        if (takenBytes.addAndGet(bytes) >= WIDEN_BYTES && channel.isActive()) {
            var widened = takenBytes.getAndSet(0);
            if (widened > 0) {
                Sending.unawaited(channel.writeAndFlush(new DefaultSpdyWindowUpdateFrame(id, widened)));
            }
        }
    }
}
