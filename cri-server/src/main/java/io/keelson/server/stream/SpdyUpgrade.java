package io.keelson.server.stream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From HTTP to SPDY, on the connection itself; the versions of what is spoken in it have a header of their own. */
final class SpdyUpgrade implements StreamGate.Upgrade {
    static final String NAME = "SPDY/3.1";

    private static final String PROTOCOL_VERSION = "X-Stream-Protocol-Version";
    private static final int CHUNK_BYTES = 32 << 10;
    private static final int COMPRESSION = 6;
    private static final int WINDOW_BITS = 15;
    private static final int MEMORY_LEVEL = 8;

    private final Conversations conversations;
    private final Duration patience;

    /** @param patience for a client to open the streams that it asked for */
    SpdyUpgrade(Conversations conversations, Duration patience) {
        this.conversations = conversations;
        this.patience = patience;
    }

    @Override
    public Optional<String> fault(FullHttpRequest request) {
        return Optional.empty();
    }

    @Override
    public Optional<String> begin(ChannelHandlerContext context, FullHttpRequest request, Offer offer) {
        var offered = listed(request, PROTOCOL_VERSION);
        var protocol = choose(offered, offer);
        if (protocol.isEmpty()) {
            return Optional.of("none of these protocols is spoken here: " + offered);
        }
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        response.headers()
                .set(HttpHeaderNames.CONNECTION, "Upgrade")
                .set(HttpHeaderNames.UPGRADE, NAME)
                .set(PROTOCOL_VERSION, protocol.get());
        Sending.unawaited(context.writeAndFlush(response));
        var pipeline = context.pipeline();
        speak(pipeline, offer, protocol.get());
        pipeline.remove(HttpObjectAggregator.class);
        pipeline.remove(StreamGate.class);
        pipeline.remove(HttpServerCodec.class);
        return Optional.empty();
    }

    /** Those of a header, which may be there more than once, with several in a line. */
    static List<String> listed(FullHttpRequest request, CharSequence header) {
        var names = new ArrayList<String>();
        for (var line : request.headers().getAll(header)) {
            for (var name : line.split(",", -1)) {
                if (!name.isBlank()) {
                    names.add(name.strip());
                }
            }
        }
        return names;
    }

    /** Clients from before there were versions say nothing. */
    private static Optional<String> choose(List<String> offered, Offer offer) {
        return switch (offer) {
            case Offer.Talk _ ->
                offered.isEmpty()
                        ? Optional.of(TalkProtocol.V1.id)
                        : TalkProtocol.choose(offered).map(each -> each.id);
            case Offer.Ports _ ->
                offered.isEmpty() || offered.contains(SpdyPorts.PROTOCOL)
                        ? Optional.of(SpdyPorts.PROTOCOL)
                        : Optional.empty();
        };
    }

    /** From the next byte on, what comes to the end of the pipeline is SPDY. */
    void speak(ChannelPipeline pipeline, Offer offer, String protocol) {
        var channel = pipeline.channel();
        var conversation = switch (offer) {
            case Offer.Talk talk ->
                new SpdyTalk(channel, talk, TalkProtocol.of(protocol).orElseThrow(), conversations, patience);
            case Offer.Ports ports -> new SpdyPorts(channel, ports, conversations, patience);
        };
        conversations.add(conversation);
        speak(pipeline, new SpdyConnection(channel, conversation));
    }

    static void speak(ChannelPipeline pipeline, SpdyConnection connection) {
        pipeline.addLast(
                new SpdyFrameLimit(),
                new SpdyFrameCodec(
                        SpdyVersion.SPDY_3_1,
                        CHUNK_BYTES,
                        SpdyConnection.MOST_HEADER_BYTES,
                        COMPRESSION,
                        WINDOW_BITS,
                        MEMORY_LEVEL),
                connection);
    }
}
