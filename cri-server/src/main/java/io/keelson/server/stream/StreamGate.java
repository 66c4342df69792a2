package io.keelson.server.stream;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP request that begins a conversation: it brings a token, and asks for the protocol of what follows. A request that asks for
 * nothing that is spoken here leaves its token for the next.
 */
final class StreamGate extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(StreamGate.class);

    private final Tokens tokens;
    private final SpdyUpgrade spdy;
    private final WebSocketUpgrade webSocket;
    private final Duration patience;
    private @Nullable Future<?> impatience;

    /** A way from the request to a conversation. */
    interface Upgrade {
        /** Why it cannot be with this request, whatever the token is for; empty if it can. */
        Optional<String> fault(FullHttpRequest request);

        /** Begins it, or says why not. */
        Optional<String> begin(ChannelHandlerContext context, FullHttpRequest request, Offer offer);
    }

    /** @param patience for a client to say what it came for */
    StreamGate(Tokens tokens, SpdyUpgrade spdy, WebSocketUpgrade webSocket, Duration patience) {
        this.tokens = tokens;
        this.spdy = spdy;
        this.webSocket = webSocket;
        this.patience = patience;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        impatience = context.channel()
                .eventLoop()
                .schedule(() -> leave(context), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (impatience != null) {
            impatience.cancel(false);
        }
    }

    private static void leave(ChannelHandlerContext context) {
        var _ = context.close();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        var path = request.uri().split("[?]", 2)[0].split("/", -1);
        if (path.length != 3 || !request.decoderResult().isSuccess()) {
            refuse(context, HttpResponseStatus.NOT_FOUND, "there is nothing here");
            return;
        }
        var upgrade = upgrade(request);
        if (upgrade.isEmpty()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, "a stream is spoken in SPDY/3.1 or over a WebSocket");
            return;
        }
        var fault = upgrade.get().fault(request);
        if (fault.isPresent()) {
            refuse(context, HttpResponseStatus.BAD_REQUEST, fault.get());
            return;
        }
        var offer = tokens.take(path[2]).filter(each -> each.kind().equals(path[1]));
        if (offer.isEmpty()) {
            refuse(context, HttpResponseStatus.NOT_FOUND, "there is nothing here");
            return;
        }
        upgrade.get()
                .begin(context, request, offer.get())
                .ifPresent(why -> refuse(context, HttpResponseStatus.FORBIDDEN, why));
    }

    private Optional<Upgrade> upgrade(FullHttpRequest request) {
        var wanted = request.headers().get(HttpHeaderNames.UPGRADE, "");
        if (wanted.equalsIgnoreCase(SpdyUpgrade.NAME)) {
            return Optional.of(spdy);
        }
        return wanted.equalsIgnoreCase(WebSocketUpgrade.NAME) ? Optional.of(webSocket) : Optional.empty();
    }

    private static void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(why + "\n", StandardCharsets.UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONNECTION, "close");
        var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug().addKeyValue("event", "stream-broken").log("a stream's client broke off: {}", cause.getMessage());
        var _ = context.close();
    }
}
