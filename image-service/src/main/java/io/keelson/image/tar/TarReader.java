package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar stream entry by entry, in every format that images come in: ustar, PAX, GNU, star and older. Nothing in it is
 * trusted: whatever does not fit is {@link Failure.Kind#INVALID}, whatever is larger than {@link TarLimits} allows is {@link
 * Failure.Kind#EXHAUSTED}, and no field makes the reader allocate more than those limits.
 *
 * <p>Where formats leave room, the reading is that of Go's archive/tar, by which image tools agree: types other than files have
 * no contents whatever their size says, and global PAX headers are passed over. Used by one thread.
 */
public final class TarReader {
    private static final long MAX_ID = 0xFFFF_FFFEL;
    private static final int MAX_DEVICE_MAJOR = 0xFFF;
    private static final int MAX_DEVICE_MINOR = 0xF_FFFF;

    private final TarInput input;
    private final byte[] block = new byte[TarHeader.BYTES];

    /** Asked for when something is wrong: there may be a hundred thousand entries. */
    private Supplier<String> current = () -> "its first header";

    private long stored;
    private long padding;

    public TarReader(ByteSource source) {
        this(source, TarRecorder.NONE);
    }

    /** @param recorder hears of all that is not handed on by {@link #readContents} */
    public TarReader(ByteSource source, TarRecorder recorder) {
        this.input = new TarInput(source, recorder);
    }

    /** Extended headers that came for the entry that follows them. */
    private static final class Extensions {
        final PaxRecords pax = new PaxRecords();
        byte @Nullable [] longName;
        byte @Nullable [] longLink;
        private long bytes;

        /** Counts headers that say nothing, too: a chain of them must end. */
        int admit(long size) {
            bytes += TarHeader.BYTES + Math.max(0, size);
            if (size < 0 || bytes > TarLimits.MAX_EXTENDED_BYTES) {
                throw Failure.exhausted(
                        "extended headers of one entry are larger than " + TarLimits.MAX_EXTENDED_BYTES + " bytes");
            }
            return (int) size;
        }
    }

    /** The next entry, past what was not read of the one before; null at the end of the archive. */
    @Nullable
    public TarEntry next() throws IOException {
        input.skip(stored, current);
        // Some writers leave out the padding of the last entry, with all that should follow it.
        input.skipUpTo(padding);
        stored = 0;
        padding = 0;
        var extensions = new Extensions();
        while (true) {
            var previous = current;
            if (!input.read(block, () -> "a header after " + previous.get())) {
                return null;
            }
            if (TarHeader.isZero(block)) {
                return end(previous);
            }
            var header = TarHeader.parse(block.clone());
            switch (header.type()) {
                case 'x' -> addRecords(extended(header, extensions), extensions);
                case 'g' -> extended(header, extensions);
                case 'L' -> extensions.longName = untilNul(extended(header, extensions));
                case 'K' -> extensions.longLink = untilNul(extended(header, extensions));
                default -> {
                    return entry(header, extensions);
                }
            }
        }
    }

    /** Hands on what is stored of the current entry: the contents of a file, or the segments of a sparse one. */
    public void readContents(ByteSource.Sink sink) throws IOException {
        var length = stored;
        stored = 0;
        input.transfer(length, current, sink);
    }

    /** The same for contents that are not stored as they come: the recorder hears of them, too. */
    public void readSegments(ByteSource.Sink sink) throws IOException {
        readContents(piece -> {
            input.record(piece.duplicate());
            sink.accept(piece);
        });
    }

    /** Reads what follows the archive, up to the end of the stream. */
    public void drain() throws IOException {
        input.drain();
    }

    private void addRecords(byte[] records, Extensions extensions) {
        try {
            extensions.pax.add(records);
        } catch (Failure e) {
            throw e.during("tar header after " + current.get());
        }
    }

    private @Nullable TarEntry end(Supplier<String> previous) throws IOException {
        if (input.read(block, () -> "its end") && !TarHeader.isZero(block)) {
            throw Failure.invalid("tar has a block of zeros within, after " + previous.get());
        }
        return null;
    }

    private byte[] extended(TarHeader header, Extensions extensions) throws IOException {
        var size = extensions.admit(header.size());
        Supplier<String> what = () -> "an extended header after " + current.get();
        var bytes = input.readExactly(size, what);
        input.skip(paddingOf(size), what);
        return bytes;
    }

    private static long paddingOf(long size) {
        return -size & (TarHeader.BYTES - 1);
    }

    private static byte[] untilNul(byte[] text) {
        var end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return Arrays.copyOf(text, end);
    }

    private TarEntry entry(TarHeader header, Extensions extensions) throws IOException {
        var name = name(header, extensions);
        current = () -> "entry " + ByteNames.quote(name);
        try {
            return entry(header, extensions, name);
        } catch (Failure e) {
            throw e.during("tar " + current.get());
        }
    }

    private TarEntry entry(TarHeader header, Extensions extensions, byte[] name) throws IOException {
        var pax = extensions.pax;
        var type = type(header, name);
        var storedSize = type == TarEntry.Type.FILE ? bounded(pax.decimalOr("size", header.size())) : 0;
        stored = storedSize;
        padding = paddingOf(storedSize);
        var sparse = sparse(header, extensions);
        var size = storedSize;
        List<TarEntry.Segment> segments = List.of();
        if (sparse != null) {
            size = bounded(sparse.size());
            segments = sparse.map().complete(size, stored);
        }
        var link = isLink(type) ? path(linkName(header, extensions), "link target") : new byte[0];
        return new TarEntry(
                type,
                path(name, "name"),
                link,
                attributes(header, pax),
                size,
                (int) within(header.deviceMajor(), MAX_DEVICE_MAJOR, "device major"),
                (int) within(header.deviceMinor(), MAX_DEVICE_MINOR, "device minor"),
                sparse != null,
                segments);
    }

    private static byte[] name(TarHeader header, Extensions extensions) {
        var pax = extensions.pax;
        return pax.find("GNU.sparse.name")
                .or(() -> pax.find("path"))
                .orElseGet(() -> extensions.longName != null ? extensions.longName : header.name());
    }

    private static byte[] linkName(TarHeader header, Extensions extensions) {
        return extensions
                .pax
                .find("linkpath")
                .orElseGet(() -> extensions.longLink != null ? extensions.longLink : header.linkName());
    }

    private static TarEntry.Type type(TarHeader header, byte[] name) {
        return switch (header.type()) {
            case '0', '7', 'S' -> TarEntry.Type.FILE;
            case '\0' -> name.length > 0 && name[name.length - 1] == '/' ? TarEntry.Type.DIRECTORY : TarEntry.Type.FILE;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMBOLIC_LINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            default -> throw Failure.invalid("type " + (int) header.type() + " is not known");
        };
    }

    private static boolean isLink(TarEntry.Type type) {
        return type == TarEntry.Type.HARD_LINK || type == TarEntry.Type.SYMBOLIC_LINK;
    }

    private static byte[] path(byte[] path, String what) {
        if (path.length > TarLimits.MAX_PATH_BYTES) {
            throw Failure.invalid(what + " is longer than " + TarLimits.MAX_PATH_BYTES + " bytes");
        }
        for (var value : path) {
            if (value == 0) {
                throw Failure.invalid(what + " contains a NUL");
            }
        }
        return path;
    }

    private static Attributes attributes(TarHeader header, PaxRecords pax) {
        var time = pax.mtime().orElseGet(() -> new PaxRecords.Time(header.mtime(), 0));
        return new Attributes(
                header.permissions(),
                within(pax.decimalOr("uid", header.uid()), MAX_ID, "uid"),
                within(pax.decimalOr("gid", header.gid()), MAX_ID, "gid"),
                time.seconds(),
                time.nanos(),
                pax.xattrs());
    }

    private static long bounded(long size) {
        if (size > TarLimits.MAX_FILE_BYTES) {
            throw Failure.exhausted("size " + size + " is larger than " + TarLimits.MAX_FILE_BYTES + " bytes");
        }
        return within(size, Long.MAX_VALUE, "size");
    }

    private static long within(long value, long highest, String what) {
        if (value < 0 || value > highest) {
            throw Failure.invalid(what + " " + value + " is out of range");
        }
        return value;
    }

    private record Sparse(SparseMap map, long size) {}

    /** What makes the file a sparse one, in any of GNU's four formats (GNU tar manual, "Storing Sparse Files"). */
    private @Nullable Sparse sparse(TarHeader header, Extensions extensions) throws IOException {
        var pax = extensions.pax;
        if (header.type() == 'S') {
            return new Sparse(oldGnuMap(header, extensions), header.sparseSize());
        }
        if (pax.has("GNU.sparse.major")) {
            if (pax.decimalOr("GNU.sparse.major", 0) != 1 || pax.decimalOr("GNU.sparse.minor", 0) != 0) {
                throw Failure.invalid("its sparse format is not known");
            }
            return new Sparse(mapBeforeContents(extensions), pax.decimalOr("GNU.sparse.realsize", 0));
        }
        if (pax.has("GNU.sparse.map")) {
            return new Sparse(
                    commaSeparated(pax.find("GNU.sparse.map").orElseThrow()), pax.decimalOr("GNU.sparse.size", 0));
        }
        return pax.has("GNU.sparse.size") ? new Sparse(pax.sparsePairs(), pax.decimalOr("GNU.sparse.size", 0)) : null;
    }

    private SparseMap oldGnuMap(TarHeader header, Extensions extensions) throws IOException {
        var map = new SparseMap();
        header.addSegments(map);
        var more = header.hasMoreSegments();
        while (more) {
            extensions.admit(0);
            if (!input.read(block, current)) {
                throw Failure.invalid("the tar ends within its sparse map");
            }
            more = TarHeader.addFurtherSegments(block, map);
        }
        return map;
    }

    /** Format 1.0: the contents begin with decimal lines, a count and then pairs, padded to whole blocks. */
    private SparseMap mapBeforeContents(Extensions extensions) throws IOException {
        var map = new SparseMap();
        var lines = new SparseLines(extensions);
        var count = lines.next();
        if (count > TarLimits.MAX_SEGMENTS) {
            throw Failure.exhausted("sparse map has more than " + TarLimits.MAX_SEGMENTS + " pieces");
        }
        for (var i = 0L; i < count; i++) {
            var offset = lines.next();
            map.add(offset, lines.next());
        }
        return map;
    }

    private final class SparseLines {
        private final Extensions extensions;
        private int at = TarHeader.BYTES;

        SparseLines(Extensions extensions) {
            this.extensions = extensions;
        }

        long next() throws IOException {
            long number = 0;
            for (var digits = 0; digits < 19; digits++) {
                var value = read();
                if (value == '\n' && digits > 0) {
                    return number;
                }
                if (value < '0' || value > '9') {
                    break;
                }
                number = number * 10 + (value - '0');
            }
            throw Failure.invalid("its sparse map is malformed");
        }

        private byte read() throws IOException {
            if (at == TarHeader.BYTES) {
                extensions.admit(0);
                if (stored < TarHeader.BYTES || !input.read(block, current)) {
                    throw Failure.invalid("its sparse map is not complete");
                }
                stored -= TarHeader.BYTES;
                at = 0;
            }
            return block[at++];
        }
    }

    /** Format 0.1. */
    private static SparseMap commaSeparated(byte[] text) {
        var map = new SparseMap();
        var numbers = new long[2];
        var index = 0;
        var digits = 0;
        for (var i = 0; i <= text.length; i++) {
            if (i == text.length || text[i] == ',') {
                if (digits == 0 || digits > 18) {
                    throw Failure.invalid("its sparse map is malformed");
                }
                if (index == 1) {
                    map.add(numbers[0], numbers[1]);
                    numbers[0] = 0;
                    numbers[1] = 0;
                }
                index ^= 1;
                digits = 0;
            } else if (text[i] >= '0' && text[i] <= '9' && ++digits <= 18) {
                numbers[index] = numbers[index] * 10 + (text[i] - '0');
            } else {
                throw Failure.invalid("its sparse map is malformed");
            }
        }
        if (index != 0) {
            throw Failure.invalid("its sparse map is malformed");
        }
        return map;
    }
}
