package io.keelson.host.record;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a kind of record is written: a JSON object whose first member, {@code crc32c}, is the checksum of every byte after it, and whose
 * second is the version of what follows. The checksum stands in the same place in every version, so that damage is told from what
 * a newer program wrote. Records of version 1 have no checksum.
 *
 * @param what the kind, for messages
 * @param version that is written; older ones are read
 */
public record RecordFormat(String what, int version) {
    private static final Logger log = LoggerFactory.getLogger(RecordFormat.class);

    private static final String SEAL = "{\"crc32c\":\"";
    private static final byte[] SEALED = SEAL.getBytes(StandardCharsets.US_ASCII);
    private static final int SEAL_LENGTH = SEALED.length + "01234567\",".length();
    private static final int FIRST_SEALED = 2;

    /** A record of this version, to which its own members are put. */
    public Json.Builder begin() {
        return Json.object().put("version", version);
    }

    /** What goes to disk of a record that was {@linkplain #begin begun} here. */
    public byte[] seal(Json.Obj record) {
        var text = record.toBytes();
        var seal = sealOf(text, 1);
        var sealed = Arrays.copyOf(seal, seal.length + text.length - 1);
        System.arraycopy(text, 1, sealed, seal.length, text.length - 1);
        return sealed;
    }

    /**
     * The record in the file, or absent if there is none. One of an older version is written anew in this one, and read all the same
     * where that fails.
     *
     * @throws Failure as {@link #open} does
     */
    public Optional<Json.Obj> find(Path file, int limitBytes) {
        var found = DurableFiles.find(file, limitBytes).map(this::open);
        found.filter(this::isOlder).ifPresent(record -> migrate(file, record));
        return found;
    }

    /** Why the record in the file cannot be used, for people; absent if it can, or there is none. Nothing is written. */
    public Optional<String> trouble(Path file, int limitBytes) {
        try {
            var _ = DurableFiles.find(file, limitBytes).map(this::open);
            return Optional.empty();
        } catch (Failure e) {
            return Optional.of(file + ": " + e.getMessage());
        }
    }

    /** @throws Failure INVALID if it is not what was written, WRONG_STATE if a newer program wrote it */
    public Json.Obj open(byte[] bytes) {
        var isSealed = bytes.length > SEAL_LENGTH && Arrays.mismatch(bytes, SEALED) == SEALED.length;
        if (isSealed && !hasSeal(bytes)) {
            throw Failure.invalid("this " + what + " is damaged: its checksum is not that of its contents");
        }
        var record = Json.parseObject(bytes);
        var found = record.number("version");
        if (isSealed != found >= FIRST_SEALED || found < 1) {
            throw Failure.invalid("this " + what + " is damaged: its version is " + found + ", and it has "
                    + (isSealed ? "a" : "no") + " checksum");
        }
        if (found > version) {
            throw Failure.wrongState(
                    "a newer Keelson wrote this " + what + ", in version " + found + "; this one reads up to " + version
                            + ": start the newer one again, or have it remove what the record is of");
        }
        return record;
    }

    /** Lets the failure of reading a record through that is no damage: nobody may touch what a newer program has made. */
    public static void passOnNewer(RuntimeException e, Path place) {
        if (e instanceof Failure failure && failure.kind() == Failure.Kind.WRONG_STATE) {
            throw failure.during("cannot start with " + place);
        }
    }

    private boolean isOlder(Json.Obj record) {
        return record.number("version") < version;
    }

    /**
     * A record as this version writes it: from version 1 to 2 nothing but the checksum came.
     *
     * @throws Failure as {@link #open} does
     */
    public byte[] renew(byte[] record) {
        return sealedAnew(open(record));
    }

    private byte[] sealedAnew(Json.Obj record) {
        var current = begin();
        record.members().forEach((key, value) -> {
            if (!key.equals("version") && !key.equals("crc32c")) {
                current.put(key, value);
            }
        });
        return seal(current.build());
    }

    private void migrate(Path file, Json.Obj record) {
        try {
            DurableFiles.write(file, sealedAnew(record));
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "record-not-migrated")
                    .addKeyValue("file", file)
                    .log("{} stays in its older version: {}", file, e.getMessage());
        }
    }

    private static boolean hasSeal(byte[] bytes) {
        return Arrays.equals(bytes, 0, SEAL_LENGTH, sealOf(bytes, SEAL_LENGTH), 0, SEAL_LENGTH);
    }

    /** Of what begins there. A start asks for hundreds of them, in code that is not compiled yet. */
    private static byte[] sealOf(byte[] bytes, int from) {
        var checksum = new CRC32C();
        checksum.update(bytes, from, bytes.length - from);
        var digits = HexFormat.of().toHexDigits((int) checksum.getValue());
        return (SEAL + digits + "\",").getBytes(StandardCharsets.US_ASCII);
    }
}
