package io.keelson.image.blob;

import io.keelson.host.disk.DurableFiles;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.LongConsumer;

/** A blob on its way into the layout, copied while somebody else reads it. It has its name once {@link #keep} returns. */
public final class IncomingBlob implements AutoCloseable {
    private final Path work;
    private final Path target;
    private final FileChannel channel;
    private final LongConsumer kept;
    private long bytes;

    /** @param kept told its length once it has its name */
    IncomingBlob(Path work, Path target, LongConsumer kept) {
        this.work = work;
        this.target = target;
        this.kept = kept;
        try {
            channel = FileChannel.open(
                    work,
                    Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw DurableFiles.failed("write", work, e);
        }
    }

    /** What is read of the answer is written as well; a disk that is full fails the reader. */
    public InputStream through(InputStream stream) {
        return new FilterInputStream(stream) {
            @Override
            public int read() throws IOException {
                var one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                var count = super.read(into, offset, length);
                if (count > 0) {
                    write(ByteBuffer.wrap(into, offset, count));
                }
                return count;
            }
        };
    }

    private void write(ByteBuffer piece) {
        try {
            while (piece.hasRemaining()) {
                bytes += channel.write(piece);
            }
        } catch (IOException e) {
            throw DurableFiles.failed("write", work, e);
        }
    }

    /** All of it has come and was checked: makes it durable. */
    public void keep() {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw DurableFiles.failed("write", work, e);
        }
        DurableFiles.publish(work, target);
        kept.accept(bytes);
    }

    /** Removes what was not kept. */
    @Override
    public void close() {
        try (channel) {
            Files.deleteIfExists(work);
        } catch (IOException e) {
            throw DurableFiles.failed("remove", work, e);
        }
    }
}
