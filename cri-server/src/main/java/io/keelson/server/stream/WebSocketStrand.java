package io.keelson.server.stream;

import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** One channel of a WebSocket. That its output ends cannot be said: the whole connection ends. */
final class WebSocketStrand implements Strand, StrandOutput.Frames {
    private final Channel channel;
    private final int number;
    private final ChannelCoding coding;
    private final StreamInput input;
    private final StrandOutput output = new StrandOutput(this);

    WebSocketStrand(Channel channel, int number, ChannelCoding coding, Backlog backlog) {
        this.channel = channel;
        this.number = number;
        this.coding = coding;
        this.input = new StreamInput(backlog, _ -> {});
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    void received(byte[] piece) {
        input.offer(piece);
    }

    void receivedEnd() {
        input.end();
    }

    void lost() {
        input.fail("the client is gone");
    }

    @Override
    public int send(byte[] bytes, int offset, int length) throws IOException {
        Sending.await(channel, coding.encode(number, bytes, offset, length));
        return length;
    }

    /** A message without anything in it: the first says that the connection is there. */
    void sendNothing() {
        Sending.unawaited(channel.writeAndFlush(coding.encode(number, new byte[0], 0, 0)));
    }

    /** In two bytes, the low one first. */
    void sendNumber(int small) {
        var bytes = new byte[] {(byte) small, (byte) (small >> Byte.SIZE)};
        Sending.unawaited(channel.writeAndFlush(coding.encode(number, bytes, 0, bytes.length)));
    }

    /** Nobody reads what the client says here. */
    void discardInput() {
        input.close();
    }

    @Override
    public void end() {}

    @Override
    public void abort() {}
}
