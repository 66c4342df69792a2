package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exec and attach over SPDY: the client opens a stream for each of stdin, stdout and stderr that was asked for, one for errors and,
 * with a terminal, one for its size; in any order. Then the talk begins.
 */
final class SpdyTalk implements SpdyConnection.StreamConversation {
    private static final Logger log = LoggerFactory.getLogger(SpdyTalk.class);

    private final Channel channel;
    private final Offer.Talk offer;
    private final TalkProtocol protocol;
    private final Conversations conversations;
    private final Set<String> expected;
    private final Map<String, Strand> streams = new HashMap<>();
    private volatile @Nullable Talk talk;

    /** @param patience for the client to open its streams */
    SpdyTalk(Channel channel, Offer.Talk offer, TalkProtocol protocol, Conversations conversations, Duration patience) {
        this.channel = channel;
        this.offer = offer;
        this.protocol = protocol;
        this.conversations = conversations;
        this.expected = expected(offer, protocol);
        var unused = channel.eventLoop().schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
        var _ = channel.closeFuture().addListener(_ -> unused.cancel(false));
    }

    private static Set<String> expected(Offer.Talk offer, TalkProtocol protocol) {
        var names = new HashSet<>(Set.of("error"));
        if (offer.stdin()) {
            names.add("stdin");
        }
        if (offer.stdout()) {
            names.add("stdout");
        }
        if (offer.stderr()) {
            names.add("stderr");
        }
        if (offer.terminal() && protocol.hasResize()) {
            names.add("resize");
        }
        return names;
    }

    private void giveUp() {
        if (talk == null) {
            log.atInfo()
                    .addKeyValue("event", "streams-missing")
                    .log("a client did not open the streams that it asked for");
            var _ = channel.close();
        }
    }

    @Override
    public boolean opened(SpdyStream stream) {
        var name = stream.header("streamtype");
        if (talk != null || !expected.contains(name) || streams.putIfAbsent(name, stream) != null) {
            return false;
        }
        if (streams.size() == expected.size()) {
            var begun = new Talk(offer, protocol, streams, () -> Farewell.leaveSoon(channel));
            talk = begun;
            begun.start(conversations);
        }
        return true;
    }

    @Override
    public void ended() {
        conversations.remove(this);
        var begun = talk;
        if (begun != null) {
            begun.ended();
        }
    }

    @Override
    public void stop(String why) {
        var begun = talk;
        if (begun == null) {
            var _ = channel.close();
        } else {
            begun.stop(why);
        }
        Farewell.leaveSoon(channel);
    }
}
