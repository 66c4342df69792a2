package io.keelson.image.layer;

import io.keelson.image.reference.Digest;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.TarEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes an EROFS image in one pass, uncompressed, in blocks of 4 KiB (Documentation/filesystems/erofs.rst). Data and blocks of
 * inodes alternate in the order in which files come; nothing is read back and nothing but names and directories is kept. What
 * can be known only at the end is patched then: link counts, the root and the superblock. Equal input makes equal files.
 */
final class ErofsWriter implements LayerWriter {
    private static final int SUPERBLOCK = 1024;
    private static final int SUPERBLOCK_BYTES = 128;
    private static final int MAGIC = 0xE0F5E1E2;
    private static final int COMPAT_MTIME = 2;
    private static final int INCOMPAT_CHUNKED_FILE = 4;
    private static final int BLOCK_BITS = 12;

    private final BlockFile file;
    private final MetadataBlocks metadata;
    private final byte[] tail = new byte[BlockFile.BLOCK_BYTES];
    private int inodes;

    /** @param file closed with this */
    ErofsWriter(BlockFile file) throws IOException {
        this.file = file;
        this.metadata = new MetadataBlocks(file);
        file.appendZeros(BlockFile.BLOCK_BYTES);
    }

    @Override
    public StoredFile file(Attributes attributes, long size) {
        return contents(attributes, size);
    }

    private FileContents contents(Attributes attributes, long size) {
        return new FileContents(file, metadata, attributes, size, ++inodes, tail);
    }

    @Override
    public StoredFile sparseFile(Attributes attributes, long size, List<TarEntry.Segment> segments) {
        return new SparseContents(file, metadata, attributes, size, ++inodes, segments);
    }

    @Override
    public int symbolicLink(Attributes attributes, byte[] target) throws IOException {
        var contents = contents(attributes.withPermissions(0777), target.length);
        contents.accept(ByteBuffer.wrap(target));
        return contents.end(ErofsInode.S_IFLNK);
    }

    @Override
    public int special(int type, Attributes attributes, int device) throws IOException {
        var area = ErofsInode.xattrArea(attributes.xattrs(), false);
        var head = new ErofsInode.Head(type, 0, ErofsInode.FLAT, device, ++inodes, 1);
        return metadata.add(ErofsInode.encode(head, attributes, area), new byte[0], 0);
    }

    /** Where the inode lies in the file. */
    @Override
    public long position(int slot) {
        return metadata.position(slot);
    }

    @Override
    public Written finish(LayerTree tree, Digest diffId) throws IOException {
        var directories = tree.directories();
        var links = linkCounts(directories);
        var whiteout = 0;
        if (links.whiteouts() > 0) {
            whiteout = special(ErofsInode.S_IFCHR, new Attributes(0, 0, 0, 0, 0, List.of()), 0);
            links.bySlot().put(whiteout, links.whiteouts());
        }
        metadata.flush();
        new DirectoryWriter(file, metadata, directories, whiteout, inodes + 1).write();
        inodes += directories.size();
        patchLinkCounts(links.bySlot());
        file.align();
        file.patch(SUPERBLOCK, superblock(diffId));
        var digest = file.finish();
        return new Written(file.position(), digest, inodes);
    }

    @Override
    public void synchronise() throws IOException {
        file.synchronise();
    }

    @Override
    public void close() {
        file.close();
    }

    private record Links(Map<Integer, Integer> bySlot, int whiteouts) {}

    /** Names of inodes that may have several, by slot. */
    private static Links linkCounts(List<DirectoryNode> directories) {
        var bySlot = new HashMap<Integer, Integer>();
        var whiteouts = 0;
        for (var directory : directories) {
            for (var child = directory.firstChild; child != null; child = child.nextSibling) {
                if (child.isListed() && child.kind == Node.NOTHING) {
                    whiteouts++;
                } else if (child.isListed() && child.isLinked) {
                    bySlot.merge(child.slot, 1, Integer::sum);
                }
            }
        }
        return new Links(bySlot, whiteouts);
    }

    private void patchLinkCounts(Map<Integer, Integer> bySlot) throws IOException {
        for (var entry : bySlot.entrySet()) {
            if (entry.getValue() != 1) {
                var bytes =
                        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(entry.getValue());
                file.patch(metadata.position(entry.getKey()) + ErofsInode.LINK_COUNT_OFFSET, bytes.array());
            }
        }
    }

    private byte[] superblock(Digest diffId) {
        var bytes = ByteBuffer.allocate(SUPERBLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, MAGIC);
        bytes.putInt(8, COMPAT_MTIME);
        bytes.put(12, (byte) BLOCK_BITS);
        bytes.putShort(14, (short) (DirectoryWriter.ROOT_POSITION / MetadataBlocks.SLOT_BYTES));
        bytes.putLong(16, inodes);
        bytes.putInt(36, file.block());
        bytes.put(48, HexFormat.of().parseHex(diffId.hex().substring(0, 32)));
        bytes.putInt(80, metadata.hasChunked() ? INCOMPAT_CHUNKED_FILE : 0);
        return bytes.array();
    }
}
