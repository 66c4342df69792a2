package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.stream.FilePiece;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A tar that is read where it lies, by a table of its entries. Only what archives of images have is looked at: files, and the links by
 * which Docker names a layer that several images share. Contents are never unpacked by name.
 */
final class TarArchive implements Archive {
    private static final int BLOCK_BYTES = 512;
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_EXTENDED_BYTES = 64 << 10;
    private static final int MAX_LINKS = 8;

    private record Entry(long offset, long size) {}

    private final Path path;
    private final FileChannel channel;
    private final Map<String, Entry> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private TarArchive(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** @throws Failure INVALID if it is no tar */
    static TarArchive open(Path path) throws IOException {
        var channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            var archive = new TarArchive(path, channel);
            archive.index();
            return archive;
        } catch (IOException | Failure e) {
            channel.close();
            throw e;
        }
    }

    private void index() throws IOException {
        var longName = Optional.<String>empty();
        var size = channel.size();
        var entries = 0;
        for (var at = 0L; at + BLOCK_BYTES <= size; ) {
            var block = read(at, BLOCK_BYTES);
            if (isZero(block)) {
                return;
            }
            if (++entries > MAX_ENTRIES) {
                throw Failure.exhausted(path + " has more than " + MAX_ENTRIES + " entries");
            }
            check(block);
            var contents = at + BLOCK_BYTES;
            var length = number(block, 124, 12);
            if (length < 0 || length > size - contents) {
                throw Failure.invalid(path + " ends within an entry");
            }
            switch (block[156]) {
                case 'L' -> longName = Optional.of(text(read(contents, extended(length)), 0, (int) length));
                case 'x' -> longName = paxPath(read(contents, extended(length)));
                case 'g', 'K' -> {}
                default -> {
                    add(longName.orElse(name(block)), block, new Entry(contents, length));
                    longName = Optional.empty();
                }
            }
            at = contents + (length + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        }
    }

    private void add(String raw, byte[] block, Entry entry) {
        var name = raw.replaceFirst("^(\\./)+", "");
        switch (block[156]) {
            case '0', 0, '7' -> files.put(name, entry);
            case '1' -> links.put(name, text(block, 157, 100).replaceFirst("^(\\./)+", ""));
            case '2' -> links.put(name, beside(name, text(block, 157, 100)));
            default -> {
                // Directories and what no image has.
            }
        }
    }

    /** Where a symbolic link leads, within the archive. */
    private static String beside(String name, String target) {
        var directory = Path.of("/" + name).getParent();
        return (directory == null ? Path.of("/") : directory)
                .resolve(target)
                .normalize()
                .toString()
                .substring(1);
    }

    private int extended(long length) {
        if (length > MAX_EXTENDED_BYTES) {
            throw Failure.exhausted(path + " has an extended header of " + length + " bytes");
        }
        return (int) length;
    }

    /** {@code path} of a PAX header: the only thing in it that counts here, since sizes beyond the header's field are in base 256. */
    private static Optional<String> paxPath(byte[] records) {
        for (var at = 0; at < records.length; ) {
            var space = at;
            while (space < records.length && records[space] != ' ') {
                space++;
            }
            int length;
            try {
                length = Integer.parseInt(new String(records, at, space - at, StandardCharsets.US_ASCII));
            } catch (NumberFormatException e) {
                throw new Failure(Failure.Kind.INVALID, "an extended header is damaged", e);
            }
            if (length < space - at + 2 || length > records.length - at) {
                throw Failure.invalid("an extended header is damaged");
            }
            var record = new String(records, space + 1, at + length - space - 2, StandardCharsets.UTF_8);
            if (record.startsWith("path=")) {
                return Optional.of(record.substring("path=".length()));
            }
            at += length;
        }
        return Optional.empty();
    }

    private void check(byte[] block) {
        var sum = 0;
        for (var i = 0; i < BLOCK_BYTES; i++) {
            sum += i >= 148 && i < 156 ? ' ' : block[i] & 0xFF;
        }
        if (sum != number(block, 148, 8)) {
            throw Failure.invalid(
                    path + " is no tar: a header's checksum is wrong (packed archives are unpacked first)");
        }
    }

    private static String name(byte[] block) {
        var prefix = text(block, 257, 5).equals("ustar") && block[262] == 0 ? text(block, 345, 155) : "";
        var name = text(block, 0, 100);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] bytes, int from, int most) {
        var end = from;
        while (end < Math.min(bytes.length, from + most) && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }

    private static long number(byte[] block, int from, int length) {
        if (block[from] < 0) {
            var value = 0L;
            for (var i = from + 1; i < from + length; i++) {
                value = (value << 8) | (block[i] & 0xFF);
            }
            return value;
        }
        var text = text(block, from, length).strip();
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text, 8);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static boolean isZero(byte[] block) {
        for (var value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    private byte[] read(long from, int length) throws IOException {
        var bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("it ends too early");
            }
        }
        return bytes.array();
    }

    private Optional<Entry> find(String name) {
        var current = name;
        for (var hops = 0; hops <= MAX_LINKS; hops++) {
            if (files.containsKey(current)) {
                return Optional.of(files.get(current));
            }
            var next = links.get(current);
            if (next == null) {
                return Optional.empty();
            }
            current = next;
        }
        throw Failure.invalid("the links of " + name + " lead to no file");
    }

    @Override
    public OptionalLong size(String name) {
        return find(name).map(entry -> OptionalLong.of(entry.size())).orElse(OptionalLong.empty());
    }

    @Override
    public InputStream open(String name) {
        var entry = find(name).orElseThrow(() -> Failure.absent("there is no file " + name + " in " + path));
        return new FilePiece(channel, entry.offset(), entry.offset() + entry.size());
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
