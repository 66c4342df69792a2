package io.keelson.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection: a page for each request. */
final class PageHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger log = LoggerFactory.getLogger(PageHandler.class);

    private final Served served;

    PageHandler(Served served) {
        this.served = served;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        var goesOn = HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        var method = request.method();
        var path = request.uri().split("\\?", 2)[0];
        Thread.startVirtualThread(() -> send(context, page(method, path), method, goesOn));
    }

    private Page page(HttpMethod method, String path) {
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            return Page.text(HttpResponseStatus.METHOD_NOT_ALLOWED.code(), "pages here are only read");
        }
        var page = served.find(path);
        if (page.isEmpty()) {
            return Page.text(HttpResponseStatus.NOT_FOUND.code(), served.index());
        }
        try {
            return page.get().get();
        } catch (RuntimeException e) {
            log.atError()
                    .addKeyValue("event", "page-failed")
                    .addKeyValue("path", path)
                    .setCause(e)
                    .log("cannot answer");
            return Page.text(HttpResponseStatus.INTERNAL_SERVER_ERROR.code(), "it failed; the log says why");
        }
    }

    private static void send(ChannelHandlerContext context, Page page, HttpMethod method, boolean goesOn) {
        var content = method.equals(HttpMethod.HEAD) ? new byte[0] : page.content();
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), Unpooled.wrappedBuffer(content));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.type());
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, page.content().length);
        HttpUtil.setKeepAlive(response, goesOn);
        var sent = context.writeAndFlush(response);
        if (!goesOn) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** A client that breaks off, or talks something else. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        var _ = context.close();
    }
}
