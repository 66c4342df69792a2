package io.keelson.server.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An upgraded connection, of either protocol, and the conversation that it carries. All of it on the connection's own thread. */
abstract class TalkingConnection<F> extends SimpleChannelInboundHandler<F> {
    private static final Logger log = LoggerFactory.getLogger(TalkingConnection.class);

    private final Backlog backlog;
    private final Conversation conversation;

    TalkingConnection(Backlog backlog, Conversation conversation) {
        this.backlog = backlog;
        this.conversation = conversation;
    }

    /** The client is gone: whoever reads from it hears so. */
    abstract void lost();

    /** The client sent what cannot be read, or its connection failed. */
    abstract void leave(ChannelHandlerContext context);

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
        lost();
        conversation.ended();
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug().addKeyValue("event", "stream-broken").log("a stream's client broke off: {}", cause.getMessage());
        leave(context);
    }
}
