package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Exec and attach over WebSocket: every strand has its number, and all are there from the start. */
final class WebSocketTalk implements Conversation {
    private static final List<String> NAMES = List.of("stdin", "stdout", "stderr", "error", "resize");

    private final Channel channel;
    private final List<WebSocketStrand> strands;
    private final boolean isStdoutWanted;
    private final boolean isStderrWanted;
    private final Conversations conversations;
    private final Talk talk;

    WebSocketTalk(
            Channel channel,
            Offer.Talk offer,
            WebSocketProtocol protocol,
            Backlog backlog,
            Conversations conversations) {
        this.channel = channel;
        this.conversations = conversations;
        this.isStdoutWanted = offer.stdout();
        this.isStderrWanted = offer.stderr();
        this.strands = WebSocketChannels.strands(channel, protocol.coding(), backlog, NAMES.size());
        this.talk = new Talk(offer, protocol.version(), wanted(offer), () -> WebSocketControl.leave(channel));
    }

    private Map<String, Strand> wanted(Offer.Talk offer) {
        var isWanted = List.of(offer.stdin(), offer.stdout(), offer.stderr(), true, offer.terminal());
        var wanted = new HashMap<String, Strand>();
        for (var number = 0; number < NAMES.size(); number++) {
            var strand = strands.get(number);
            if (isWanted.get(number)) {
                wanted.put(NAMES.get(number), strand);
            }
            if (!isWanted.get(number) || !isRead(number)) {
                strand.discardInput();
            }
        }
        return wanted;
    }

    private static boolean isRead(int number) {
        return NAMES.get(number).equals("stdin") || NAMES.get(number).equals("resize");
    }

    List<WebSocketStrand> strands() {
        return strands;
    }

    /** Some clients take the connection for made when the first message is there: it is an empty one on the first output. */
    void start() {
        strands.get(isStdoutWanted ? 1 : isStderrWanted ? 2 : 3).sendNothing();
        talk.start(conversations);
    }

    @Override
    public void ended() {
        conversations.remove(this);
        talk.ended();
    }

    @Override
    public void stop(String why) {
        talk.stop(why);
        Farewell.leaveSoon(channel);
    }
}
