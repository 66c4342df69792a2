package io.keelson.server.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** Makes the messages of a WebSocket one flow of bytes, in both directions: what is in it is SPDY. */
final class WebSocketTunnel extends ChannelDuplexHandler {
    /** In front of the name of what is spoken in it. */
    static final String PREFIX = "SPDY/3.1+";

    private boolean hasLeft;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case BinaryWebSocketFrame binary -> {
                var _ = context.fireChannelRead(binary.content());
            }
            case ContinuationWebSocketFrame more -> {
                var _ = context.fireChannelRead(more.content());
            }
            case WebSocketFrame other -> {
                other.release();
                WebSocketControl.leave(context.channel(), WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
            }
            default -> {
                var _ = context.fireChannelRead(message);
            }
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        var _ = context.write(message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
    }

    /** Clients take an end without a word for a broken connection. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (!hasLeft && context.channel().isActive()) {
            hasLeft = true;
            Sending.unawaited(context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)));
        }
        var _ = context.close(promise);
    }
}
