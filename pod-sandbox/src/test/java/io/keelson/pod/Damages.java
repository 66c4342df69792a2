package io.keelson.pod;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** What becomes of records on disks that lie, and what other versions of the program write. */
public enum Damages {
    EMPTY,
    TORN,
    ZEROED,
    FLIPPED;

    private static final String SEAL = "\\{\"crc32c\":\"[0-9a-f]{8}\",";

    public void to(Path record) throws IOException {
        Files.write(record, damaged(Files.readAllBytes(record)));
    }

    /** To the last line of a file, which stays the last. */
    public void toLastLine(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        var begin = lengthWithoutLastLine(bytes);
        var line = damaged(Arrays.copyOfRange(bytes, begin, bytes.length));
        var all = Arrays.copyOf(bytes, begin + line.length);
        System.arraycopy(line, 0, all, begin, line.length);
        Files.write(file, all);
    }

    /** What would be left had the last line never been written. */
    public static void cutLastLine(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, lengthWithoutLastLine(bytes)));
    }

    private static int lengthWithoutLastLine(byte[] bytes) {
        var length = bytes.length - 1;
        while (length > 0 && bytes[length - 1] != '\n') {
            length--;
        }
        return length;
    }

    private byte[] damaged(byte[] bytes) {
        var half = Arrays.copyOf(bytes, bytes.length / 2);
        return switch (this) {
            case EMPTY -> new byte[0];
            case TORN -> half;
            case ZEROED -> Arrays.copyOf(half, bytes.length);
            case FLIPPED -> {
                var flipped = bytes.clone();
                flipped[bytes.length - 10] ^= 4;
                yield flipped;
            }
        };
    }

    /** Makes of a record one of the first version, which had no checksum, in which this stands instead of that. */
    public static void older(Path record, String instead, String that) throws IOException {
        var text = Files.readString(record);
        if (!text.contains(that)) {
            throw Failure.absent(that + " is not in " + text);
        }
        Files.writeString(
                record,
                text.replaceFirst(SEAL, "{")
                        .replace("\"version\":2", "\"version\":1")
                        .replace(that, instead));
    }

    /** Makes of a record, or of the last line of several, one that only a newer program can read. */
    public static void newer(Path record) throws IOException {
        replaceInLastLine(record, "\"version\":2", "\"version\":99");
    }

    /** Has the last line of records say that instead of this. */
    public static void replaceInLastLine(Path record, String said, String instead) throws IOException {
        var text = Files.readString(record);
        var begin = lengthWithoutLastLine(text.getBytes(StandardCharsets.ISO_8859_1));
        var line = text.substring(begin).stripTrailing();
        var end = text.substring(begin + line.length());
        var rest = line.replaceFirst(SEAL, "").replace(said, instead);
        var checksum = new CRC32C();
        checksum.update(rest.getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                record, text.substring(0, begin) + "{\"crc32c\":\"%08x\",".formatted(checksum.getValue()) + rest + end);
    }
}
