package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.Xattr;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks up names in a layer file that {@link ErofsWriter} wrote, without a mount, and so with names as bytes. Links are not
 * followed.
 */
final class ErofsReader implements LayerView {
    private static final byte[] OVERLAY_OPAQUE = ByteNames.ascii("trusted.overlay.opaque");
    private static final int XATTR_HEADER_BYTES = 12;

    private final Path path;
    private final FileChannel channel;

    ErofsReader(Path path) {
        this.path = path;
        try {
            this.channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw DurableFiles.failed("open", path, e);
        }
    }

    /**
     * What a name stands for.
     *
     * @param position of its inode in the file
     */
    record Found(ErofsReader reader, long position, boolean isDirectory, boolean isOpaque, Attributes attributes)
            implements LayerEntry {
        @Override
        public Optional<Found> find(byte[] name) {
            return reader.find(this, name);
        }
    }

    @Override
    public Found root() {
        return inode(DirectoryWriter.ROOT_POSITION);
    }

    private Optional<Found> find(Found directory, byte[] name) {
        if (!directory.isDirectory()) {
            return Optional.empty();
        }
        var head = read(directory.position(), ErofsInode.BYTES);
        var size = (int) head.getLong(8);
        var layout = head.getShort(0) >> 1 & 7;
        var data = Integer.toUnsignedLong(head.getInt(16)) * BlockFile.BLOCK_BYTES;
        var tail = directory.position() + ErofsInode.BYTES + xattrBytes(head);
        var blocks = (size + BlockFile.BLOCK_BYTES - 1) / BlockFile.BLOCK_BYTES;
        var low = 0;
        var high = blocks - 1;
        while (low <= high) {
            var middle = (low + high) >>> 1;
            var length = Math.min(BlockFile.BLOCK_BYTES, size - middle * BlockFile.BLOCK_BYTES);
            var isTail = layout == ErofsInode.FLAT_INLINE_TAIL && middle == size / BlockFile.BLOCK_BYTES;
            var block = read(isTail ? tail : data + (long) middle * BlockFile.BLOCK_BYTES, length);
            var count = Short.toUnsignedInt(block.getShort(8)) / 12;
            if (Arrays.compareUnsigned(name, entryName(block, 0, count)) < 0) {
                high = middle - 1;
            } else if (Arrays.compareUnsigned(name, entryName(block, count - 1, count)) > 0) {
                low = middle + 1;
            } else {
                return findInBlock(block, count, name);
            }
        }
        return Optional.empty();
    }

    private Optional<Found> findInBlock(ByteBuffer block, int count, byte[] name) {
        for (var i = 0; i < count; i++) {
            if (Arrays.equals(entryName(block, i, count), name)) {
                return Optional.of(inode(block.getLong(12 * i) * MetadataBlocks.SLOT_BYTES));
            }
        }
        return Optional.empty();
    }

    private static byte[] entryName(ByteBuffer block, int index, int count) {
        var start = Short.toUnsignedInt(block.getShort(12 * index + 8));
        var end = index + 1 < count ? Short.toUnsignedInt(block.getShort(12 * index + 20)) : block.limit();
        var name = new byte[end - start];
        block.get(start, name);
        // In a block that others follow, zeros come after the last name.
        var length = name.length;
        while (length > 0 && name[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(name, length);
    }

    private Found inode(long position) {
        var head = read(position, ErofsInode.BYTES);
        var mode = Short.toUnsignedInt(head.getShort(4));
        var isDirectory = (mode & 0xF000) == ErofsInode.S_IFDIR;
        var xattrs = xattrs(position + ErofsInode.BYTES, xattrBytes(head));
        var isOpaque = isDirectory && xattrs.removeIf(xattr -> xattr.isNamed(OVERLAY_OPAQUE));
        var attributes = new Attributes(
                mode & 07777,
                Integer.toUnsignedLong(head.getInt(24)),
                Integer.toUnsignedLong(head.getInt(28)),
                head.getLong(32),
                head.getInt(40),
                xattrs);
        return new Found(this, position, isDirectory, isOpaque, attributes);
    }

    static int xattrBytes(ByteBuffer head) {
        var count = Short.toUnsignedInt(head.getShort(2));
        return count == 0 ? 0 : XATTR_HEADER_BYTES + 4 * (count - 1);
    }

    private List<Xattr> xattrs(long position, int length) {
        var xattrs = new ArrayList<Xattr>();
        if (length == 0) {
            return xattrs;
        }
        var area = read(position, length);
        for (var at = XATTR_HEADER_BYTES; at < length; ) {
            var nameBytes = Byte.toUnsignedInt(area.get(at));
            var prefix = ErofsInode.prefix(area.get(at + 1));
            var valueBytes = Short.toUnsignedInt(area.getShort(at + 2));
            var name = Arrays.copyOf(prefix, prefix.length + nameBytes);
            area.get(at + 4, name, prefix.length, nameBytes);
            var value = new byte[valueBytes];
            area.get(at + 4 + nameBytes, value);
            xattrs.add(new Xattr(name, value));
            at += (4 + nameBytes + valueBytes + 3) & ~3;
        }
        return xattrs;
    }

    ByteBuffer read(long position, int length) {
        var bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        try {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, position + bytes.position()) < 0) {
                    throw new EOFException("it ends before byte " + (position + length));
                }
            }
        } catch (IOException e) {
            throw DurableFiles.failed("read", path, e);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new Failure(Failure.Kind.INTERNAL, "cannot read " + path + ": it is damaged", e);
        }
        return bytes.flip();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw DurableFiles.failed("close", path, e);
        }
    }
}
