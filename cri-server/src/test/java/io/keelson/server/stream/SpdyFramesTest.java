package io.keelson.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile client can send instead of frames. */
@Tag("T52")
class SpdyFramesTest {
    private static final int SYN_STREAM = 1;
    private static final int SETTINGS = 4;
    private static final int HEADERS = 8;
    /** To be ignored. */
    private static final int UNKNOWN = 100;

    private static final int PIECE_BYTES = 64 << 10;
    private static final long MOST_HEAP_BYTES = 16 << 20;
    private static final int FUZZED = 20_000;
    private static final int LONGEST_FUZZ_BYTES = 600;

    private final EmbeddedChannel channel = channel();
    private int openedStreams;

    private EmbeddedChannel channel() {
        var made = new EmbeddedChannel();
        SpdyUpgrade.speak(made.pipeline(), new SpdyConnection(made, new SpdyConnection.StreamConversation() {
            @Override
            public boolean opened(SpdyStream stream) {
                openedStreams++;
                return true;
            }

            @Override
            public void ended() {}

            @Override
            public void stop(String why) {}
        }));
        return made;
    }

    @Test
    void openStreamsWhereNothingIsWrong() {
        send(control(SYN_STREAM, opening(1, block(1, "a", "b"))));

        assertThat(channel.isOpen()).isTrue();
        assertThat(openedStreams).isEqualTo(1);
    }

    @Test
    void endTheConnectionWhereSettingsAreCountedInMillions() {
        var settings = Unpooled.buffer().writeInt(1 << 24);
        for (var id = 0; id < (1 << 21) - 1; id++) {
            settings.writeInt(id).writeInt(id);
        }

        assertEndsWithinMemory(control(SETTINGS, settings));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, Integer.MAX_VALUE, -1})
    void endTheConnectionWhereHeadersAreCountedInBillions(int count) {
        assertEndsWithinMemory(control(SYN_STREAM, opening(1, block(count, "a", "b"))));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, 1 << 24})
    void endTheConnectionWhereANameIsLongerThanAllThereIs(int length) {
        var block = Unpooled.buffer().writeInt(1).writeInt(length).writeBytes(new byte[100]);

        assertEndsWithinMemory(control(SYN_STREAM, opening(1, deflated(block))));
    }

    /** 2 MiB that become 2 GiB. */
    @ParameterizedTest
    @ValueSource(ints = {SYN_STREAM, HEADERS})
    void endTheConnectionWhereHeadersAreABomb(int type) {
        var zeros = new byte[1 << 20];
        var block = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(block, new Deflater(Deflater.BEST_COMPRESSION))) {
            out.write(new byte[] {0, 0, 0, 1, 0x7F, 0, 0, 0});
            for (var written = 0L; written < 2L << 30; written += zeros.length) {
                out.write(zeros);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        var frame = type == SYN_STREAM
                ? opening(1, Unpooled.wrappedBuffer(block.toByteArray()))
                : Unpooled.buffer().writeInt(1).writeBytes(block.toByteArray());

        assertEndsWithinMemory(control(type, frame));
    }

    @Test
    void mayBeDataOfAnySize() {
        send(control(SYN_STREAM, opening(1, block(1, "a", "b"))));
        send(Unpooled.buffer().writeInt(1).writeByte(0).writeMedium(0xFFFFFF).writeBytes(new byte[1 << 20]));

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void areLimitedAtExactlyTheLimitHoweverTheyAreCut() {
        var limit = SpdyFrameLimit.MOST_CONTROL_BYTES;
        var longest = control(UNKNOWN, Unpooled.buffer().writeBytes(new byte[limit]));
        while (longest.isReadable()) {
            channel.writeInbound(longest.readRetainedSlice(1));
        }
        longest.release();
        assertThat(channel.isOpen()).isTrue();

        send(control(UNKNOWN, Unpooled.buffer().writeBytes(new byte[limit + 1])));
        assertThat(channel.isOpen()).isFalse();
    }

    /** Whatever comes, it is answered or ends the connection; nothing is thrown, and nothing takes long. */
    @Test
    void mayBeAnything() {
        var random = new Random(52);
        for (var round = 0; round < FUZZED; round++) {
            var victim = channel();
            var frame = fuzzed(random);
            assertThatCode(() -> victim.writeInbound(frame)).doesNotThrowAnyException();
            victim.finishAndReleaseAll();
        }
    }

    /** A good frame with some bytes changed, and cut, or noise. */
    private static ByteBuf fuzzed(Random random) {
        var frame = random.nextInt(4) == 0
                ? noise(random)
                : control(1 + random.nextInt(10), opening(1 + random.nextInt(3), block(1, "streamtype", "data")));
        for (var changes = random.nextInt(6); changes > 0; changes--) {
            frame.setByte(random.nextInt(frame.writerIndex()), random.nextInt());
        }
        return random.nextBoolean() ? frame : frame.writerIndex(1 + random.nextInt(frame.writerIndex()));
    }

    private static ByteBuf noise(Random random) {
        var bytes = new byte[1 + random.nextInt(LONGEST_FUZZ_BYTES)];
        random.nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    private void assertEndsWithinMemory(ByteBuf frame) {
        System.gc();
        var before = used();
        var begin = System.nanoTime();
        var most = 0L;
        while (frame.isReadable() && channel.isOpen()) {
            channel.writeInbound(frame.readRetainedSlice(Math.min(PIECE_BYTES, frame.readableBytes())));
            if (used() - before > MOST_HEAP_BYTES) {
                System.gc();
            }
            most = Math.max(most, used() - before);
        }
        frame.release();

        assertThat(channel.isOpen()).isFalse();
        assertThat(most).isLessThanOrEqualTo(MOST_HEAP_BYTES);
        assertThat(openedStreams).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        channel.releaseOutbound();
    }

    private static long used() {
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private void send(ByteBuf frame) {
        channel.writeInbound(frame);
        for (var answer = channel.readOutbound(); answer != null; answer = channel.readOutbound()) {
            ReferenceCountUtil.release(answer);
        }
    }

    private static ByteBuf control(int type, ByteBuf contents) {
        return Unpooled.buffer()
                .writeShort(0x8003)
                .writeShort(type)
                .writeByte(0)
                .writeMedium(Math.min(contents.readableBytes(), 0xFFFFFF))
                .writeBytes(contents);
    }

    private static ByteBuf opening(int id, ByteBuf block) {
        return Unpooled.buffer().writeInt(id).writeInt(0).writeShort(0).writeBytes(block);
    }

    private static ByteBuf block(int count, String name, String value) {
        return deflated(Unpooled.buffer()
                .writeInt(count)
                .writeInt(name.length())
                .writeBytes(name.getBytes(StandardCharsets.US_ASCII))
                .writeInt(value.length())
                .writeBytes(value.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Flushed as SPDY's compression is, which goes on from block to block. */
    private static ByteBuf deflated(ByteBuf block) {
        var deflater = new Deflater();
        var bytes = new byte[block.readableBytes()];
        block.readBytes(bytes);
        var out = new byte[bytes.length + 100];
        deflater.setInput(bytes);
        var count = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Unpooled.wrappedBuffer(out, 0, count);
    }
}
