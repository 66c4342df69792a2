package io.keelson.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A WebSocket whose messages belong to numbered channels. A message may come in any number of frames; in the binary coding none has to
 * fit into memory.
 */
final class WebSocketChannels extends TalkingConnection<WebSocketFrame> {
    /** One frame, which is kept until it is complete. */
    static final int MOST_FRAME_BYTES = 1 << 20;
    /** In the fifth version: the client has ended the channel whose number follows. */
    static final int CLOSE = 255;

    private static final int NONE = -1;

    private final WebSocketProtocol protocol;
    private final List<WebSocketStrand> strands;
    /** Of the message that is coming. */
    private int current = NONE;

    /** @param conversation what is made of the strands */
    WebSocketChannels(
            WebSocketProtocol protocol, Backlog backlog, List<WebSocketStrand> strands, Conversation conversation) {
        super(backlog, conversation);
        this.protocol = protocol;
        this.strands = List.copyOf(strands);
    }

    static List<WebSocketStrand> strands(Channel channel, ChannelCoding coding, Backlog backlog, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new WebSocketStrand(channel, number, coding, backlog))
                .toList();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        switch (frame) {
            case BinaryWebSocketFrame _, TextWebSocketFrame _ -> begin(frame);
            case ContinuationWebSocketFrame _ -> receive(frame);
            default -> {
                // Pings and the end are answered before they get here.
            }
        }
    }

    private void begin(WebSocketFrame frame) {
        if (!frame.content().isReadable()) {
            // A message of no channel, or one whose first byte is still to come.
            current = NONE;
            return;
        }
        var first = frame.content().readUnsignedByte();
        if (first == CLOSE && protocol.version() == TalkProtocol.V5) {
            current = NONE;
            if (frame.content().isReadable()) {
                end(frame.content().readUnsignedByte());
            }
            return;
        }
        current = protocol.coding().channel(first);
        receive(frame);
    }

    private void receive(WebSocketFrame frame) {
        if (current >= 0 && current < strands.size()) {
            strands.get(current).received(protocol.coding().decode(frame.content()));
        }
    }

    private void end(int number) {
        if (number < strands.size()) {
            strands.get(number).receivedEnd();
        }
    }

    @Override
    void lost() {
        strands.forEach(WebSocketStrand::lost);
    }

    @Override
    void leave(ChannelHandlerContext context) {
        WebSocketControl.leave(context.channel(), WebSocketCloseStatus.PROTOCOL_ERROR);
    }
}
