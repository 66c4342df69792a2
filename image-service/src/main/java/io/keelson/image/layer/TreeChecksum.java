package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.NamedInodes;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.ByteNames;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Tells whether a tree is still what was unpacked: SHA-256 over all that can be seen of it, of contents their CRC-32C. As {@link
 * LayerChecksum} does, it guards against disks, not against people.
 */
final class TreeChecksum {
    private static final byte[] ITSELF = ByteNames.ascii(".");
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(BlockFile.BLOCK_BYTES);

    private final Fd tree;
    private final IoBudget budget;
    private final ByteBuffer buffer;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);
    private final MessageDigest hash = LayerChecksum.sha256();
    private final Map<Long, Integer> linked = new HashMap<>();
    private long allocatedBytes;
    private long inodes;

    private TreeChecksum(Fd tree, IoBudget budget, NativeMemory memory) {
        this.tree = tree;
        this.budget = budget;
        this.buffer = memory.allocate(LayerChecksum.CHUNK_BYTES);
    }

    /** @param allocatedBytes on disk, by the file system's own account */
    record Found(Digest digest, long allocatedBytes, long inodes) {}

    /** Reads all of it. */
    static Found of(Path tree, IoBudget budget) {
        try (var memory = new NativeMemory();
                var fd = Descriptors.open(tree, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            var checksum = new TreeChecksum(fd, budget, memory);
            checksum.walk();
            var digest = new Digest("sha256", HexFormat.of().formatHex(checksum.hash.digest()));
            return new Found(digest, checksum.allocatedBytes, checksum.inodes);
        } catch (LinuxException e) {
            throw DurableFiles.failed("read", tree, e);
        }
    }

    private void walk() {
        var pending = new ArrayDeque<byte[]>();
        pending.push(new byte[0]);
        while (!pending.isEmpty()) {
            var path = pending.pop();
            try (var directory = TreePaths.directory(tree, path)) {
                add(directory, ITSELF, path);
                names(directory).forEach(name -> child(directory, name, ByteNames.join(path, name), pending));
            }
        }
    }

    private static List<byte[]> names(Fd directory) {
        var names = new ArrayList<byte[]>();
        for (var some = Directories.read(directory); !some.isEmpty(); some = Directories.read(directory)) {
            some.forEach(entry -> names.add(entry.name()));
        }
        names.sort(Arrays::compareUnsigned);
        return names;
    }

    private void child(Fd directory, byte[] name, byte[] path, Deque<byte[]> pending) {
        if (NamedInodes.stat(directory, name).isDirectory()) {
            pending.push(path);
        } else {
            add(directory, name, path);
        }
    }

    private void add(Fd directory, byte[] name, byte[] path) {
        var stat = NamedInodes.stat(directory, name);
        add(path);
        add(stat.mode(), stat.uid(), stat.gid(), stat.mtimeNanos());
        if (!stat.isDirectory()) {
            add(stat.links(), stat.sizeBytes(), stat.specialMajor(), stat.specialMinor());
        }
        if (stat.isSymbolicLink()) {
            add(NamedInodes.readlinkat(directory, name));
        }
        xattrs(directory, name);
        if (stat.isDirectory() || stat.links() == 1) {
            count(stat);
            contents(directory, name, stat);
        } else {
            contentsOfLinked(directory, name, stat);
        }
    }

    private void count(Inodes.Stat stat) {
        inodes++;
        allocatedBytes += stat.allocatedBytes();
    }

    private void contents(Fd directory, byte[] name, Inodes.Stat stat) {
        if (stat.isRegularFile()) {
            add(crc(directory, name));
        }
    }

    /** Read once, whatever number of names it has. */
    private void contentsOfLinked(Fd directory, byte[] name, Inodes.Stat stat) {
        var known = linked.get(stat.inode());
        if (known == null) {
            count(stat);
            known = stat.isRegularFile() ? crc(directory, name) : 0;
            linked.put(stat.inode(), known);
        }
        add(known);
    }

    private int crc(Fd directory, byte[] name) {
        var crc = new CRC32C();
        try (var file = TreePaths.file(directory, name)) {
            for (var at = NamedInodes.seekData(file, 0); at >= 0; at = NamedInodes.seekData(file, at)) {
                // A whole chunk at a time, so that where a file system has holes makes no difference.
                at = NamedInodes.seek(file, at - at % buffer.capacity());
                fill(file);
                add(crc, at);
                at += buffer.capacity();
                budget.spend(buffer.limit());
            }
        }
        return (int) crc.getValue();
    }

    private void fill(Fd file) {
        buffer.clear();
        while (buffer.hasRemaining() && Descriptors.read(file, buffer) > 0) {
            // Until the chunk is full, or the file ends.
        }
        buffer.flip();
    }

    /** Blocks of zeros are passed over, stored or not: a hole of a tebibyte costs no more than its name. */
    private void add(CRC32C crc, long chunk) {
        for (var at = 0; at < buffer.limit(); at += BlockFile.BLOCK_BYTES) {
            var block = buffer.slice(at, Math.min(BlockFile.BLOCK_BYTES, buffer.limit() - at));
            if (block.mismatch(ZEROS.slice(0, block.limit())) >= 0) {
                crc.update(number.putLong(0, chunk + at).clear());
                crc.update(block);
            }
        }
    }

    private void xattrs(Fd directory, byte[] name) {
        var names = new ArrayList<>(NamedInodes.llistxattr(directory, name));
        names.sort(Arrays::compareUnsigned);
        for (var xattr : names) {
            add(xattr);
            add(NamedInodes.lgetxattr(directory, name, xattr));
        }
    }

    /** With its length, so that nothing can be moved from one thing to the next. */
    private void add(byte[] bytes) {
        add(bytes.length);
        hash.update(bytes);
    }

    private void add(long... numbers) {
        var bytes = ByteBuffer.allocate(Long.BYTES * numbers.length);
        for (var number : numbers) {
            bytes.putLong(number);
        }
        hash.update(bytes.array());
    }
}
