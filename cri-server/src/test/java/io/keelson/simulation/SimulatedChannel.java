package io.keelson.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file, or a directory that is to be synchronised. */
final class SimulatedChannel extends FileChannel {
    private final SimulatedDisk disk;
    private final Inode inode;
    private final boolean reads;
    private final boolean writes;
    private long position;

    SimulatedChannel(SimulatedDisk disk, Inode inode, boolean reads, boolean writes, long position) {
        this.disk = disk;
        this.inode = inode;
        this.reads = reads;
        this.writes = writes;
        this.position = position;
    }

    private void check(boolean may, RuntimeException otherwise) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (!may) {
            throw otherwise;
        }
        if (inode.isDirectory) {
            throw new IOException("Is a directory");
        }
    }

    @Override
    public synchronized int read(ByteBuffer into) throws IOException {
        var count = read(into, position);
        position += Math.max(0, count);
        return count;
    }

    @Override
    public int read(ByteBuffer into, long from) throws IOException {
        check(reads, new NonReadableChannelException());
        return disk.read(inode, into, from);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        var total = 0L;
        for (var i = offset; i < offset + length; i++) {
            var count = read(into[i]);
            if (count < 0) {
                return total == 0 ? -1 : total;
            }
            total += count;
        }
        return total;
    }

    @Override
    public synchronized int write(ByteBuffer from) throws IOException {
        var count = write(from, position);
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer from, long to) throws IOException {
        check(writes, new NonWritableChannelException());
        var bytes = new byte[from.remaining()];
        from.get(bytes);
        disk.write(inode, to, bytes);
        return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        var total = 0L;
        for (var i = offset; i < offset + length; i++) {
            total += write(from[i]);
        }
        return total;
    }

    @Override
    public synchronized long position() {
        return position;
    }

    @Override
    public synchronized FileChannel position(long wanted) {
        position = wanted;
        return this;
    }

    @Override
    public long size() throws IOException {
        return disk.length(inode);
    }

    @Override
    public FileChannel truncate(long length) throws IOException {
        check(writes, new NonWritableChannelException());
        if (length < size()) {
            disk.cut(inode, length);
        }
        return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
        disk.sync(inode);
    }

    @Override
    public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(count, Math.max(0, size() - from)));
        read(buffer, from);
        return target.write(buffer.flip());
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long to, long count) throws IOException {
        var buffer = ByteBuffer.allocate((int) Math.min(count, 1 << 16));
        if (source.read(buffer) < 0) {
            return 0;
        }
        return write(buffer.flip(), to);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long from, long size) {
        throw new UnsupportedOperationException("files are not mapped here");
    }

    @Override
    public FileLock lock(long from, long size, boolean shared) {
        throw new UnsupportedOperationException("files are not locked here");
    }

    @Override
    public FileLock tryLock(long from, long size, boolean shared) {
        throw new UnsupportedOperationException("files are not locked here");
    }

    @Override
    protected void implCloseChannel() {}
}
