package io.keelson.server.stream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From HTTP to a WebSocket (RFC 6455): its subprotocol says whether each strand is a numbered channel of it, or whether it carries SPDY.
 */
final class WebSocketUpgrade implements StreamGate.Upgrade {
    static final String NAME = "websocket";

    static final WebSocketDecoderConfig FRAMES = WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(WebSocketChannels.MOST_FRAME_BYTES)
            .allowExtensions(false)
            .build();

    private final Conversations conversations;
    private final SpdyUpgrade spdy;

    WebSocketUpgrade(Conversations conversations, SpdyUpgrade spdy) {
        this.conversations = conversations;
        this.spdy = spdy;
    }

    @Override
    public Optional<String> fault(FullHttpRequest request) {
        var headers = request.headers();
        if (!request.method().equals(HttpMethod.GET)
                || !headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                || !"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return Optional.of("a WebSocket begins with GET, a key and version 13");
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> begin(ChannelHandlerContext context, FullHttpRequest request, Offer offer) {
        var offered = SpdyUpgrade.listed(request, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        var tunnelled = WebSocketTunnel.PREFIX + SpdyPorts.PROTOCOL;
        if (offer instanceof Offer.Ports && offered.contains(tunnelled)) {
            shakeHands(context, request, tunnelled, channel -> {
                channel.pipeline().addLast(new WebSocketControl(), new WebSocketTunnel());
                spdy.speak(channel.pipeline(), offer, SpdyPorts.PROTOCOL);
            });
            return Optional.empty();
        }
        var name = WebSocketProtocol.choose(offered);
        if (name.isEmpty() && !offered.isEmpty()) {
            return Optional.of("none of these protocols is spoken here: " + offered);
        }
        if (offer instanceof Offer.Ports ports && fault(ports.ports()).isPresent()) {
            return fault(ports.ports());
        }
        var protocol = name.flatMap(WebSocketProtocol::of).orElse(WebSocketProtocol.UNNAMED);
        shakeHands(context, request, name.orElse(null), channel -> converse(channel, offer, protocol));
        return Optional.empty();
    }

    private static Optional<String> fault(List<Integer> ports) {
        if (ports.isEmpty()) {
            return Optional.of("the ports were not named when the stream was asked for");
        }
        return ports.size() > WebSocketPorts.MOST_PORTS
                ? Optional.of("more than " + WebSocketPorts.MOST_PORTS + " ports have no room in one WebSocket")
                : Optional.empty();
    }

    private interface Begin {
        void on(Channel channel);
    }

    /** What follows begins when the answer is written: until then what is sent would pass through the codec of HTTP. */
    private static void shakeHands(
            ChannelHandlerContext context, FullHttpRequest request, @Nullable String protocol, Begin begin) {
        var channel = context.channel();
        var handshaker = new WebSocketServerHandshakerFactory("", protocol, FRAMES).newHandshaker(request);
        context.pipeline().remove(StreamGate.class);
        var _ = handshaker.handshake(channel, request).addListener(done -> {
            if (done.isSuccess()) {
                begin.on(channel);
            } else {
                var _ = channel.close();
            }
        });
    }

    private void converse(Channel channel, Offer offer, WebSocketProtocol protocol) {
        var backlog = new Backlog(channel);
        switch (offer) {
            case Offer.Talk talk -> {
                var conversation = new WebSocketTalk(channel, talk, protocol, backlog, conversations);
                carry(channel, protocol, backlog, conversation.strands(), conversation);
                conversation.start();
            }
            case Offer.Ports ports -> {
                var conversation = new WebSocketPorts(channel, ports, protocol, backlog, conversations);
                carry(channel, protocol, backlog, conversation.strands(), conversation);
                conversation.start();
            }
        }
    }

    private void carry(
            Channel channel,
            WebSocketProtocol protocol,
            Backlog backlog,
            List<WebSocketStrand> strands,
            Conversation conversation) {
        conversations.add(conversation);
        channel.pipeline()
                .addLast(new WebSocketControl(), new WebSocketChannels(protocol, backlog, strands, conversation));
    }
}
