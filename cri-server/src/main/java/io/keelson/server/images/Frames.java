package io.keelson.server.images;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What goes through the socket between a command and the daemon: first the command, as JSON with its length, then, the other way,
 * pieces of its output, each with what it is and its length, and last its exit status.
 */
final class Frames {
    static final int OUT = 1;
    static final int ERR = 2;
    static final int EXIT = 3;
    /** Longest of either. */
    static final int MAX_BYTES = 1 << 20;

    private Frames() {}

    static void write(DataOutputStream to, int kind, byte[] bytes, int offset, int length) throws IOException {
        synchronized (to) {
            to.writeByte(kind);
            to.writeInt(length);
            to.write(bytes, offset, length);
            to.flush();
        }
    }

    static void exit(DataOutputStream to, int status) throws IOException {
        write(to, EXIT, new byte[] {(byte) status}, 0, 1);
    }

    static byte[] read(DataInputStream from) throws IOException {
        var length = from.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a piece of " + length + " bytes");
        }
        return from.readNBytes(length);
    }

    /** Output of one kind as a stream. */
    static OutputStream stream(DataOutputStream to, int kind) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                for (var at = 0; at < length; at += MAX_BYTES) {
                    Frames.write(to, kind, bytes, offset + at, Math.min(MAX_BYTES, length - at));
                }
            }
        };
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
