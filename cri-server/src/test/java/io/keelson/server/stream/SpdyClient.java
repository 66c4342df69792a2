package io.keelson.server.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A client that speaks SPDY 3.1 as old versions of kubectl do: what it says is up to the test, to the frame. */
final class SpdyClient implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final CompletableFuture<String> answer = new CompletableFuture<>();
    private final Map<Integer, Received> streams = new ConcurrentHashMap<>();
    private final Channel channel;
    private int lastId = -1;

    /** What came on a stream. */
    static final class Received {
        private final StringBuilder text = new StringBuilder();
        private final CompletableFuture<String> whole = new CompletableFuture<>();
        private final CompletableFuture<Boolean> reset = new CompletableFuture<>();

        /** Waits for its end. */
        String whole() throws Exception {
            return whole.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        /** Waits until it is reset. */
        void awaitReset() throws Exception {
            reset.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }

        boolean hasEnded() {
            return whole.isDone();
        }
    }

    /** @param headers lines of the request, besides those for the upgrade */
    SpdyClient(URI url, String... headers) throws Exception {
        channel = new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .handler(new Upgrade())
                .connect(url.getHost(), url.getPort())
                .sync()
                .channel();
        var request = "POST " + url.getPath() + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                + String.join(
                        "", List.of(headers).stream().map(each -> each + "\r\n").toList()) + "\r\n";
        channel.writeAndFlush(Unpooled.copiedBuffer(request, StandardCharsets.US_ASCII))
                .sync();
        answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The head of the answer to the request for an upgrade. */
    String answer() {
        return answer.join();
    }

    private final class Upgrade extends ByteToMessageDecoder {
        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            var text = in.toString(StandardCharsets.US_ASCII);
            var end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                in.skipBytes(end + 4);
                context.pipeline().addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1), new Frames());
                context.pipeline().remove(this);
                answer.complete(text.substring(0, end));
            }
        }
    }

    private final class Frames extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof SpdyDataFrame data) {
                var stream = received(data.streamId());
                stream.text.append(data.content().toString(StandardCharsets.UTF_8));
                if (data.isLast()) {
                    stream.whole.complete(stream.text.toString());
                }
                data.release();
            } else if (message instanceof SpdyRstStreamFrame reset) {
                received(reset.streamId()).reset.complete(true);
            }
        }
    }

    private Received received(int id) {
        return streams.computeIfAbsent(id, _ -> new Received());
    }

    /** Opens a stream; its id. */
    int open(String... namesAndValues) throws InterruptedException {
        lastId += 2;
        var frame = new DefaultSpdySynStreamFrame(lastId, 0, (byte) 0);
        for (var i = 0; i < namesAndValues.length; i += 2) {
            frame.headers().set(namesAndValues[i], namesAndValues[i + 1]);
        }
        channel.writeAndFlush(frame).sync();
        return lastId;
    }

    Received stream(int id) {
        return received(id);
    }

    void send(int id, String text, boolean isLast) throws InterruptedException {
        var frame = new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        frame.setLast(isLast);
        channel.writeAndFlush(frame).sync();
    }

    void awaitEnd() throws Exception {
        if (!channel.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the server has not closed the connection");
        }
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
