package io.keelson.image.layer;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.keelson.image.tar.TarRecorder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * What a layer's tar has besides the contents of its files, so that the very tar can be made again: headers, padding, its end. One zstd
 * frame with these bytes in a row, a second one that says after how many of them the contents of which inode come, and eight bytes
 * that say where the second begins.
 */
final class HeadersFile implements TarRecorder, AutoCloseable {
    /** Headers are so alike that more effort gains nothing. */
    private static final int LEVEL = 1;

    static final int ENTRY_BYTES = 12;

    private static final int PIECE_BYTES = 32 << 10;

    private final FileChannel channel;
    /** Headers come by 512 bytes, and each call of the library has its price. */
    private final OutputStream literals;

    private int[] before = new int[64];
    private int[] slots = new int[64];
    private int count;
    private int sinceContents;

    HeadersFile(Path path) throws IOException {
        channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        literals = new BufferedOutputStream(frame(), PIECE_BYTES);
    }

    private ZstdOutputStreamNoFinalizer frame() throws IOException {
        var frame = new ZstdOutputStreamNoFinalizer(new UnclosedOutput(Channels.newOutputStream(channel)), LEVEL);
        frame.setChecksum(true);
        return frame;
    }

    @Override
    public void literal(byte[] bytes, int offset, int length) throws IOException {
        // Longer runs are cut by contents of nothing.
        if (sinceContents > Integer.MAX_VALUE - length) {
            add(-1);
        }
        literals.write(bytes, offset, length);
        sinceContents += length;
    }

    @Override
    public void contents(int slot) {
        add(slot);
    }

    private void add(int slot) {
        if (count == slots.length) {
            before = Arrays.copyOf(before, count * 2);
            slots = Arrays.copyOf(slots, count * 2);
        }
        before[count] = sinceContents;
        slots[count++] = slot;
        sinceContents = 0;
    }

    /** @param position of the inode with a slot, in the layer's file; when this returns, all is written */
    void finish(IntToLongFunction position) throws IOException {
        literals.close();
        var second = channel.position();
        try (var index = new BufferedOutputStream(frame(), PIECE_BYTES)) {
            var entry = ByteBuffer.allocate(ENTRY_BYTES);
            for (var i = 0; i < count; i++) {
                index.write(entry.clear()
                        .putInt(before[i])
                        .putLong(slots[i] < 0 ? 0 : position.applyAsLong(slots[i]))
                        .array());
            }
        }
        var footer = ByteBuffer.allocate(8).putLong(second).flip();
        while (footer.hasRemaining()) {
            channel.write(footer);
        }
    }

    /** fsync(2). */
    void synchronise() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            literals.close();
        }
    }
}
