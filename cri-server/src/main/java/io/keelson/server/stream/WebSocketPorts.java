package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.util.List;

/**
 * Port-forward over a WebSocket of its own: for each port that was asked for, in that order, a channel for data and one for errors.
 * Each port has one connection, made at once, and the first message on both channels is the port's number, low byte first.
 */
final class WebSocketPorts implements Conversation {
    /** The channel's number is one byte. */
    static final int MOST_PORTS = 127;

    private final Channel channel;
    private final List<Integer> ports;
    private final Forwards forwards;
    private final List<WebSocketStrand> strands;
    private final Conversations conversations;

    WebSocketPorts(
            Channel channel,
            Offer.Ports offer,
            WebSocketProtocol protocol,
            Backlog backlog,
            Conversations conversations) {
        this.channel = channel;
        this.ports = offer.ports();
        this.forwards = new Forwards(offer, conversations);
        this.conversations = conversations;
        this.strands = WebSocketChannels.strands(channel, protocol.coding(), backlog, 2 * ports.size());
    }

    List<WebSocketStrand> strands() {
        return strands;
    }

    void start() {
        for (var i = 0; i < ports.size(); i++) {
            var data = strands.get(2 * i);
            var error = strands.get(2 * i + 1);
            int port = ports.get(i);
            data.sendNumber(port);
            error.sendNumber(port);
            forwards.start(port, data, error);
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
        WebSocketControl.leave(channel);
    }
}
