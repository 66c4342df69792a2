package io.keelson.image.layer;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the directories of a layer behind everything else. Their inodes name each other, so all get their places first: the
 * root in block 0, where the superblock can name it, the others in blocks of inodes, then their contents.
 */
final class DirectoryWriter {
    /** Behind the superblock; its number fits into the 16 bits there. */
    static final int ROOT_POSITION = 1152;

    private final BlockFile file;
    private final MetadataBlocks metadata;
    private final List<DirectoryNode> directories;
    private final int whiteoutSlot;
    private final int firstNumber;

    private final byte[][] xattrs;
    private final long[] positions;
    private final int[] dataBlocks;
    private final boolean[] inline;

    /** @param metadata flushed: every file has its place */
    DirectoryWriter(
            BlockFile file,
            MetadataBlocks metadata,
            List<DirectoryNode> directories,
            int whiteoutSlot,
            int firstNumber) {
        this.file = file;
        this.metadata = metadata;
        this.directories = directories;
        this.whiteoutSlot = whiteoutSlot;
        this.firstNumber = firstNumber;
        xattrs = new byte[directories.size()][];
        positions = new long[directories.size()];
        dataBlocks = new int[directories.size()];
        inline = new boolean[directories.size()];
    }

    void write() throws IOException {
        for (var i = 0; i < directories.size(); i++) {
            directories.get(i).slot = i;
        }
        assignPlaces();
        for (var i = 0; i < directories.size(); i++) {
            writeInode(i);
        }
        file.align();
        for (var i = 0; i < directories.size(); i++) {
            writeFullBlocks(i);
        }
    }

    private void assignPlaces() {
        var position = file.position();
        var blocks = new int[directories.size()];
        for (var i = 0; i < directories.size(); i++) {
            var directory = directories.get(i);
            xattrs[i] = ErofsInode.xattrArea(directory.attributesOrImplied().xattrs(), directory.hidesLower());
            var length = DirectoryData.of(directory, directory.listed(), node -> 0).length;
            var tail = length % BlockFile.BLOCK_BYTES;
            var inode = ErofsInode.BYTES + xattrs[i].length;
            var room = BlockFile.BLOCK_BYTES - (directory.isRoot() ? ROOT_POSITION : 0);
            inline[i] = tail > 0 && inode + tail <= room;
            blocks[i] = length / BlockFile.BLOCK_BYTES + (tail > 0 && !inline[i] ? 1 : 0);
            if (directory.isRoot()) {
                positions[i] = ROOT_POSITION;
                continue;
            }
            var bytes = inode + (inline[i] ? tail : 0);
            if (position % BlockFile.BLOCK_BYTES + bytes > BlockFile.BLOCK_BYTES) {
                position = roundUp(position, BlockFile.BLOCK_BYTES);
            }
            positions[i] = position;
            position = roundUp(position + bytes, MetadataBlocks.SLOT_BYTES);
        }
        var block = (int) (roundUp(position, BlockFile.BLOCK_BYTES) / BlockFile.BLOCK_BYTES);
        for (var i = 0; i < blocks.length; i++) {
            dataBlocks[i] = blocks[i] == 0 ? ErofsInode.NO_BLOCK : block;
            block += blocks[i];
        }
    }

    private static long roundUp(long position, int unit) {
        return (position + unit - 1) & -unit;
    }

    private void writeInode(int index) throws IOException {
        var directory = directories.get(index);
        var listed = directory.listed();
        var data = DirectoryData.of(directory, listed, this::nid);
        var subdirectories =
                listed.stream().filter(DirectoryNode.class::isInstance).count();
        var inode = ErofsInode.encode(
                new ErofsInode.Head(
                        ErofsInode.S_IFDIR,
                        data.length,
                        inline[index] ? ErofsInode.FLAT_INLINE_TAIL : ErofsInode.FLAT,
                        dataBlocks[index],
                        firstNumber + index,
                        (int) (2 + subdirectories)),
                directory.attributesOrImplied(),
                xattrs[index]);
        var tail = inline[index] ? data.length % BlockFile.BLOCK_BYTES : 0;
        var bytes = Arrays.copyOf(inode, inode.length + tail);
        System.arraycopy(data, data.length - tail, bytes, inode.length, tail);
        if (directory.isRoot()) {
            file.patch(ROOT_POSITION, bytes);
        } else {
            file.appendZeros(positions[index] - file.position());
            file.append(bytes, 0, bytes.length);
        }
    }

    private void writeFullBlocks(int index) throws IOException {
        if (dataBlocks[index] == ErofsInode.NO_BLOCK) {
            return;
        }
        var directory = directories.get(index);
        var data = DirectoryData.of(directory, directory.listed(), this::nid);
        var length = inline[index] ? data.length - data.length % BlockFile.BLOCK_BYTES : data.length;
        file.append(data, 0, length);
        file.align();
    }

    /** An inode's number: where it is, in units of 32 bytes. */
    private long nid(Node node) {
        var position = node instanceof DirectoryNode
                ? positions[node.slot]
                : metadata.position(node.kind == Node.NOTHING ? whiteoutSlot : node.slot);
        return position / MetadataBlocks.SLOT_BYTES;
    }
}
