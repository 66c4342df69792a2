package io.keelson.server.stream;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyHeadersFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdySettingsFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyWindowUpdateFrame;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that speaks SPDY 3.1, after its HTTP connection was upgraded: it opens streams, and a conversation makes something of them.
 * All that the client says comes on the connection's own thread.
 */
final class SpdyConnection extends TalkingConnection<SpdyFrame> {
    /** Open at once. */
    static final int MOST_STREAMS = 1000;
    /** Of all names and values that open a stream. */
    static final int MOST_HEADER_BYTES = 16 << 10;

    private static final int WIDEN_BYTES = SendWindows.INITIAL_BYTES / 2;
    private static final Logger log = LoggerFactory.getLogger(SpdyConnection.class);

    /** What is made of the streams. */
    interface StreamConversation extends Conversation {
        /** On the connection's thread. False refuses the stream. */
        boolean opened(SpdyStream stream);
    }

    private final StreamConversation conversation;
    private final Backlog backlog;
    private final SendWindows windows = new SendWindows();
    private final Map<Integer, SpdyStream> streams = new HashMap<>();
    private int lastId;
    private int receivedBytes;

    SpdyConnection(Channel channel, StreamConversation conversation) {
        this(new Backlog(channel), conversation);
    }

    private SpdyConnection(Backlog backlog, StreamConversation conversation) {
        super(backlog, conversation);
        this.backlog = backlog;
        this.conversation = conversation;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
        switch (frame) {
            case SpdySynStreamFrame opening -> open(context, opening);
            case SpdyHeadersFrame headers when headers.isInvalid() || headers.isTruncated() -> breakOff(context);
            case SpdyDataFrame data -> receive(context, data);
            case SpdyRstStreamFrame reset -> reset(reset.streamId());
            case SpdyPingFrame ping -> answer(context, ping);
            case SpdyWindowUpdateFrame update -> widen(context, update);
            case SpdySettingsFrame settings -> set(context, settings);
            default -> {
                // GOAWAY: it opens no more streams, and those that are open go on. Other headers say nothing that
                // matters here.
            }
        }
    }

    private void open(ChannelHandlerContext context, SpdySynStreamFrame opening) {
        var id = opening.streamId();
        if (opening.isInvalid() || opening.isTruncated() || id % 2 == 0 || id <= lastId) {
            breakOff(context);
            return;
        }
        lastId = id;
        if (streams.size() >= MOST_STREAMS) {
            send(context, new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.REFUSED_STREAM));
            return;
        }
        var stream =
                new SpdyStream(context.channel(), id, headers(opening), backlog, windows, () -> streams.remove(id));
        streams.put(id, stream);
        var reply = new DefaultSpdySynReplyFrame(id);
        // Without any header the codec leaves out the block of headers, which clients take for a broken frame.
        reply.headers().set("status", "200");
        send(context, reply);
        if (opening.isLast()) {
            stream.receivedEnd();
        }
        if (!conversation.opened(stream)) {
            stream.abort();
        }
    }

    private static Map<String, String> headers(SpdyHeadersFrame frame) {
        var headers = new HashMap<String, String>();
        frame.headers()
                .forEach(header -> headers.put(
                        header.getKey().toString().toLowerCase(Locale.ROOT),
                        header.getValue().toString()));
        return headers;
    }

    private void receive(ChannelHandlerContext context, SpdyDataFrame data) {
        var piece = ByteBufUtil.getBytes(data.content());
        widenSession(context, piece.length);
        var stream = streams.get(data.streamId());
        if (stream == null) {
            if (data.streamId() > lastId) {
                send(context, new DefaultSpdyRstStreamFrame(data.streamId(), SpdyStreamStatus.INVALID_STREAM));
            }
            return;
        }
        stream.received(piece);
        if (data.isLast()) {
            stream.receivedEnd();
        }
    }

    /** The window of the whole connection is not what holds a client back: it is widened by what came, read or not. */
    private void widenSession(ChannelHandlerContext context, int bytes) {
        receivedBytes += bytes;
        if (receivedBytes >= WIDEN_BYTES) {
            send(context, new DefaultSpdyWindowUpdateFrame(0, receivedBytes));
            receivedBytes = 0;
        }
    }

    private void reset(int id) {
        var stream = streams.get(id);
        if (stream != null) {
            stream.receivedReset();
        }
    }

    /** A client's own pings have odd numbers; even ones would be answers, and we ask nothing. */
    private static void answer(ChannelHandlerContext context, SpdyPingFrame ping) {
        if (ping.id() % 2 != 0) {
            send(context, ping);
        }
    }

    private void widen(ChannelHandlerContext context, SpdyWindowUpdateFrame update) {
        if (update.streamId() == 0) {
            if (!windows.widenSession(update.deltaWindowSize())) {
                breakOff(context);
            }
            return;
        }
        var stream = streams.get(update.streamId());
        if (stream != null && !stream.window().widen(update.deltaWindowSize())) {
            send(context, new DefaultSpdyRstStreamFrame(stream.id(), SpdyStreamStatus.FLOW_CONTROL_ERROR));
            stream.receivedReset();
        }
    }

    private void set(ChannelHandlerContext context, SpdySettingsFrame settings) {
        if (settings.isSet(SpdySettingsFrame.SETTINGS_INITIAL_WINDOW_SIZE)) {
            var bytes = settings.getValue(SpdySettingsFrame.SETTINGS_INITIAL_WINDOW_SIZE);
            if (bytes < 0) {
                breakOff(context);
                return;
            }
            windows.setInitial(bytes);
        }
    }

    private static void send(ChannelHandlerContext context, SpdyFrame frame) {
        Sending.unawaited(context.writeAndFlush(frame));
    }

    /** The client does not keep to the protocol. */
    private void breakOff(ChannelHandlerContext context) {
        log.atDebug().addKeyValue("event", "stream-broken").log("a stream's client does not speak SPDY as it should");
        send(context, new DefaultSpdyGoAwayFrame(lastId, SpdySessionStatus.PROTOCOL_ERROR));
        var _ = context.close();
    }

    @Override
    void lost() {
        List.copyOf(streams.values()).forEach(SpdyStream::lost);
    }

    @Override
    void leave(ChannelHandlerContext context) {
        var _ = context.close();
    }
}
