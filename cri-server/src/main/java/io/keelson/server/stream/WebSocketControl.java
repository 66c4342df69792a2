package io.keelson.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.util.ReferenceCountUtil;

/** The frames of a WebSocket that are not about what it carries (RFC 6455, section 5.5). */
final class WebSocketControl extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case PingWebSocketFrame ping ->
                Sending.unawaited(context.writeAndFlush(new PongWebSocketFrame(ping.content())));
            case PongWebSocketFrame pong -> ReferenceCountUtil.release(pong);
            case CloseWebSocketFrame close -> {
                ReferenceCountUtil.release(close);
                var _ = context.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE))
                        .addListener(ChannelFutureListener.CLOSE);
            }
            default -> {
                var _ = context.fireChannelRead(message);
            }
        }
    }

    /** Says that all is said; the client then closes the connection. */
    static void leave(Channel channel) {
        Sending.unawaited(channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)));
        Farewell.leaveSoon(channel);
    }

    /** Says what the client did wrong, and closes the connection. */
    static void leave(Channel channel, WebSocketCloseStatus why) {
        var _ = channel.writeAndFlush(new CloseWebSocketFrame(why)).addListener(ChannelFutureListener.CLOSE);
    }
}
