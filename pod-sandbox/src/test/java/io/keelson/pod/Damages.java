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

    /** Makes of a record one that only a newer program can read. */
    public static void newer(Path record) throws IOException {
        var rest = Files.readString(record).replaceFirst(SEAL, "").replace("\"version\":2", "\"version\":99");
        var checksum = new CRC32C();
        checksum.update(rest.getBytes(StandardCharsets.UTF_8));
        Files.writeString(record, "{\"crc32c\":\"%08x\",".formatted(checksum.getValue()) + rest);
    }
}
