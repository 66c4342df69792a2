package io.keelson.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile client can send instead of frames. */
@Tag("T52")
class WebSocketFramesTest {
    private static final int FUZZED = 20_000;
    private static final int LONGEST_FUZZ_BYTES = 300;
    private static final int FINAL = 0x80;
    private static final int BINARY = 2;
    private static final int MASKED = 0x80;
    private static final int LENGTH_IN_64_BITS = 127;

    private List<WebSocketStrand> strands = List.of();

    private EmbeddedChannel channel(WebSocketProtocol protocol) {
        var channel = new EmbeddedChannel();
        var backlog = new Backlog(channel);
        strands = WebSocketChannels.strands(channel, protocol.coding(), backlog, 5);
        channel.pipeline()
                .addLast(
                        new WebSocket13FrameEncoder(false),
                        new WebSocket13FrameDecoder(WebSocketUpgrade.FRAMES),
                        new WebSocketControl(),
                        new WebSocketChannels(protocol, backlog, strands, new Conversation() {
                            @Override
                            public void ended() {}

                            @Override
                            public void stop(String why) {}
                        }));
        return channel;
    }

    private EmbeddedChannel channel() {
        return channel(new WebSocketProtocol(TalkProtocol.V5, ChannelCoding.BINARY));
    }

    @Test
    void mayHaveTheLargestSizeAndNoMore() throws Exception {
        var channel = channel();

        channel.writeInbound(frame(WebSocketChannels.MOST_FRAME_BYTES));
        assertThat(channel.isOpen()).isTrue();
        strands.getFirst().input().readNBytes(WebSocketChannels.MOST_FRAME_BYTES - 1);

        channel.writeInbound(frame(WebSocketChannels.MOST_FRAME_BYTES + 1));
        assertThat(channel.isOpen()).isFalse();
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 32, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void endTheConnectionWhereTheyAnnounceMoreThanThereIsMemory(long length) {
        var channel = channel();

        channel.writeInbound(head(length));

        assertThat(channel.isOpen()).isFalse();
        channel.finishAndReleaseAll();
    }

    /** Whatever comes, it is answered or ends the connection; nothing is thrown. */
    @ParameterizedTest
    @EnumSource
    void mayBeAnything(ChannelCoding coding) {
        var random = new Random(52);
        for (var round = 0; round < FUZZED / 2; round++) {
            var channel = channel(new WebSocketProtocol(TalkProtocol.V4, coding));
            var frame = fuzzed(random);
            assertThatCode(() -> channel.writeInbound(frame)).doesNotThrowAnyException();
            channel.finishAndReleaseAll();
        }
    }

    private static ByteBuf fuzzed(Random random) {
        var bytes = new byte[2 + random.nextInt(LONGEST_FUZZ_BYTES)];
        random.nextBytes(bytes);
        if (random.nextInt(4) > 0) {
            bytes[0] = (byte) (FINAL | random.nextInt(3));
            bytes[1] = (byte) (MASKED | random.nextInt(LENGTH_IN_64_BITS - 1));
        }
        return Unpooled.wrappedBuffer(bytes);
    }

    private static ByteBuf head(long length) {
        return Unpooled.buffer()
                .writeByte(FINAL | BINARY)
                .writeByte(MASKED | LENGTH_IN_64_BITS)
                .writeLong(length)
                .writeInt(0);
    }

    private static ByteBuf frame(int length) {
        return head(length).writeBytes(new byte[length]);
    }
}
