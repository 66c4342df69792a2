package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Port-forward over SPDY: for each connection the client opens two streams with one request id, one for errors and one for data, in
 * either order.
 */
final class SpdyPorts implements SpdyConnection.StreamConversation {
    static final String PROTOCOL = "portforward.k8s.io";

    private static final Logger log = LoggerFactory.getLogger(SpdyPorts.class);

    private final Channel channel;
    private final Forwards forwards;
    private final Conversations conversations;
    private final Duration patience;
    /** Streams whose other one has not come yet, by request. */
    private final Map<String, SpdyStream> waiting = new HashMap<>();

    /** @param patience for the client to open the second stream of a pair */
    SpdyPorts(Channel channel, Offer.Ports offer, Conversations conversations, Duration patience) {
        this.channel = channel;
        this.forwards = new Forwards(offer, conversations);
        this.conversations = conversations;
        this.patience = patience;
    }

    @Override
    public boolean opened(SpdyStream stream) {
        var isError = "error".equals(stream.header("streamtype"));
        var isStrand = isError || "data".equals(stream.header("streamtype"));
        if (!isStrand || Offer.port(stream.header("port")).isEmpty()) {
            return false;
        }
        var request = request(stream, isError);
        var first = waiting.putIfAbsent(request, stream);
        if (first == null) {
            var _ = channel.eventLoop()
                    .schedule(() -> giveUp(request, stream), patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        }
        if (first.header("streamtype").equals(stream.header("streamtype"))) {
            return false;
        }
        waiting.remove(request);
        var data = isError ? first : stream;
        forwards.start(Offer.port(data.header("port")).orElseThrow(), data, isError ? stream : first);
        return true;
    }

    /** Older clients give no id; their data stream is the next after that for errors. */
    private static String request(SpdyStream stream, boolean isError) {
        var id = stream.header("requestid");
        return id.isEmpty() ? "#" + (isError ? stream.id() : stream.id() - 2) : id;
    }

    private void giveUp(String request, SpdyStream stream) {
        if (waiting.remove(request, stream)) {
            log.atInfo()
                    .addKeyValue("event", "streams-missing")
                    .log("a client did not open both streams of a port-forward");
            stream.abort();
        }
    }

    @Override
    public void ended() {
        conversations.remove(this);
        forwards.ended();
    }

    @Override
    public void stop(String why) {
        forwards.stop(why);
        Farewell.leaveSoon(channel);
    }
}
