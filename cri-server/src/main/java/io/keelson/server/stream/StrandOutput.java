package io.keelson.server.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/** A strand's way to the client, in frames of a bounded size. For one writer; closing may come from another. */
final class StrandOutput extends OutputStream {
    /** What goes into one frame. */
    static final int FRAME_BYTES = 32 << 10;

    /** How a frame is sent. */
    interface Frames {
        /** Returns when the kernel has taken it; may take less than is offered, at least one byte. */
        int send(byte[] bytes, int offset, int length) throws IOException;

        /** Says that nothing more comes. */
        void end() throws IOException;
    }

    private final Frames frames;
    private volatile boolean isClosed;

    StrandOutput(Frames frames) {
        this.frames = frames;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        for (var done = 0; done < length; ) {
            if (isClosed) {
                throw new IOException("closed");
            }
            done += frames.send(bytes, offset + done, Math.min(FRAME_BYTES, length - done));
        }
    }

    @Override
    public void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            frames.end();
        }
    }
}
