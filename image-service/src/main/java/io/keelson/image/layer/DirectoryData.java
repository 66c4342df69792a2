package io.keelson.image.layer;

import io.keelson.image.tar.ByteNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The contents of an EROFS directory: blocks that are each complete in themselves, entries first and then their names, sorted
 * as unsigned bytes over the whole directory, {@code .} and {@code ..} among them.
 */
final class DirectoryData {
    private static final int ENTRY_BYTES = 12;

    private record Entry(byte[] name, byte kind, Node node) {}

    private DirectoryData() {}

    /** @param nid of a node; may answer anything where only the length is wanted */
    static byte[] of(DirectoryNode directory, List<Node> listed, ToLongFunction<Node> nid) {
        var entries = new Entry[listed.size() + 2];
        entries[0] = new Entry(ByteNames.ascii("."), Node.DIRECTORY, directory);
        entries[1] = new Entry(ByteNames.ascii(".."), Node.DIRECTORY, directory.parent);
        for (var i = 0; i < listed.size(); i++) {
            var node = listed.get(i);
            var kind = node.kind == Node.NOTHING ? Node.CHARACTER_DEVICE : node.kind;
            entries[i + 2] = new Entry(node.name, kind, node);
        }
        Arrays.sort(entries, Comparator.comparing(Entry::name, Arrays::compareUnsigned));
        return encode(entries, nid);
    }

    private static byte[] encode(Entry[] entries, ToLongFunction<Node> nid) {
        var data = ByteBuffer.allocate(upperBound(entries)).order(ByteOrder.LITTLE_ENDIAN);
        var end = 0;
        for (var first = 0; first < entries.length; ) {
            var count = countInBlock(entries, first);
            var block = (end + BlockFile.BLOCK_BYTES - 1) & -BlockFile.BLOCK_BYTES;
            var nameOffset = count * ENTRY_BYTES;
            for (var i = 0; i < count; i++) {
                var entry = entries[first + i];
                data.position(block + i * ENTRY_BYTES);
                data.putLong(nid.applyAsLong(entry.node())).putShort((short) nameOffset);
                data.put(entry.kind()).put((byte) 0);
                data.put(block + nameOffset, entry.name());
                nameOffset += entry.name().length;
            }
            end = block + nameOffset;
            first += count;
        }
        return Arrays.copyOf(data.array(), end);
    }

    private static int countInBlock(Entry[] entries, int first) {
        var bytes = 0;
        var count = 0;
        while (first + count < entries.length) {
            bytes += ENTRY_BYTES + entries[first + count].name().length;
            if (bytes > BlockFile.BLOCK_BYTES) {
                break;
            }
            count++;
        }
        return count;
    }

    private static int upperBound(Entry[] entries) {
        var blocks = 0;
        for (var first = 0; first < entries.length; first += countInBlock(entries, first)) {
            blocks++;
        }
        return blocks * BlockFile.BLOCK_BYTES;
    }
}
