package io.keelson.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.timeout.IdleStateEvent;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket whose messages belong to numbered channels. A message may come in any number of frames; in the binary coding none has to
 * fit into memory.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
    /** One frame, which is kept until it is complete. */
    static final int MOST_FRAME_BYTES = 1 << 20;
    /** In the fifth version: the client has ended the channel whose number follows. */
    static final int CLOSE = 255;

    private static final int NONE = -1;
    private static final Logger log = LoggerFactory.getLogger(WebSocketChannels.class);

    private final WebSocketProtocol protocol;
    private final Backlog backlog;
    private final List<WebSocketStrand> strands;
    private final Conversation conversation;
    /** Of the message that is coming. */
    private int current = NONE;

    /** @param conversation what is made of the strands */
    WebSocketChannels(
            WebSocketProtocol protocol, Backlog backlog, List<WebSocketStrand> strands, Conversation conversation) {
        this.protocol = protocol;
        this.backlog = backlog;
        this.strands = List.copyOf(strands);
        this.conversation = conversation;
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
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
        backlog.setWritable(context.channel().isWritable());
        super.channelWritabilityChanged(context);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            conversation.stop(StreamServer.IDLE);
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        strands.forEach(WebSocketStrand::lost);
        conversation.ended();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug().addKeyValue("event", "stream-broken").log("a stream's client broke off: {}", cause.getMessage());
        WebSocketControl.leave(context.channel(), WebSocketCloseStatus.PROTOCOL_ERROR);
    }
}
