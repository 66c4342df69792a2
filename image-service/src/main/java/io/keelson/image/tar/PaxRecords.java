package io.keelson.image.tar;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of a PAX extended header (POSIX.1-2008, pax, "Extended Header"): {@code length key=value\n}. Values are bytes:
 * a capability or a name in another encoding comes through unchanged. An empty value takes an earlier one back.
 */
final class PaxRecords {
    private static final String XATTR_PREFIX = "SCHILY.xattr.";

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final Map<String, Xattr> xattrs = new LinkedHashMap<>();
    /** GNU sparse formats 0.0: pairs of repeated keys. */
    private final SparseMap sparse = new SparseMap();

    private long sparseOffset = -1;
    private int xattrBytes;

    /** @throws Failure INVALID if the records are malformed; EXHAUSTED if they hold too much */
    void add(byte[] header) {
        for (var at = 0; at < header.length; ) {
            var space = at;
            long length = 0;
            while (space < header.length && header[space] >= '0' && header[space] <= '9' && length <= header.length) {
                length = length * 10 + (header[space] - '0');
                space++;
            }
            var end = at + length;
            if (space == at
                    || space >= header.length
                    || header[space] != ' '
                    || end > header.length
                    || end < space + 3) {
                throw malformed(at);
            }
            var equals = space + 1;
            while (equals < end - 1 && header[equals] != '=') {
                equals++;
            }
            if (equals >= end - 1 || equals == space + 1 || header[(int) end - 1] != '\n') {
                throw malformed(at);
            }
            // Keys are compared, never decoded: one byte, one character.
            var key = new String(header, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            put(key, Arrays.copyOfRange(header, equals + 1, (int) end - 1));
            at = (int) end;
        }
    }

    private static Failure malformed(int offset) {
        return Failure.invalid("PAX record at byte " + offset + " is malformed");
    }

    private void put(String key, byte[] value) {
        switch (key) {
            case "GNU.sparse.offset" -> sparseOffset = decimal(key, value);
            case "GNU.sparse.numbytes" -> {
                sparse.add(sparseOffset, decimal(key, value));
                sparseOffset = -1;
            }
            default -> {
                if (key.startsWith(XATTR_PREFIX)) {
                    putXattr(key.substring(XATTR_PREFIX.length()), value);
                } else if (value.length == 0) {
                    values.remove(key);
                } else {
                    values.put(key, value);
                }
            }
        }
    }

    private void putXattr(String name, byte[] value) {
        if (name.isEmpty() || name.indexOf('\0') >= 0 || name.length() > TarLimits.MAX_XATTR_NAME_BYTES) {
            throw Failure.invalid("name of an extended attribute is not 1 to " + TarLimits.MAX_XATTR_NAME_BYTES
                    + " bytes without NUL");
        }
        xattrBytes += name.length() + value.length;
        if (xattrBytes > TarLimits.MAX_XATTR_BYTES) {
            throw Failure.exhausted("extended attributes are larger than " + TarLimits.MAX_XATTR_BYTES + " bytes");
        }
        xattrs.put(name, new Xattr(name.getBytes(StandardCharsets.ISO_8859_1), value));
    }

    List<Xattr> xattrs() {
        return new ArrayList<>(xattrs.values());
    }

    SparseMap sparsePairs() {
        return sparse;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Optional<byte[]> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    long decimalOr(String key, long otherwise) {
        var value = values.get(key);
        return value == null ? otherwise : decimal(key, value);
    }

    private static long decimal(String key, byte[] value) {
        long number = 0;
        if (value.length == 0 || value.length > 18) {
            throw Failure.invalid("PAX " + key + " is not a number in range");
        }
        for (var digit : value) {
            if (digit < '0' || digit > '9') {
                throw Failure.invalid("PAX " + key + " is not a decimal number");
            }
            number = number * 10 + (digit - '0');
        }
        return number;
    }

    /** Whole seconds, rounded down, and nanoseconds of a time such as {@code -1.5}. */
    record Time(long seconds, int nanos) {}

    Optional<Time> mtime() {
        return find("mtime").map(PaxRecords::time);
    }

    private static Time time(byte[] value) {
        var text = new String(value, StandardCharsets.ISO_8859_1);
        var negative = text.startsWith("-");
        var unsigned = negative ? text.substring(1) : text;
        var point = unsigned.indexOf('.');
        var whole = point < 0 ? unsigned : unsigned.substring(0, point);
        var fraction = point < 0 ? "" : unsigned.substring(point + 1);
        if (!fraction.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            throw Failure.invalid("PAX mtime is not a time");
        }
        var seconds = decimal("mtime", ByteNames.ascii(whole));
        var nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        if (!negative) {
            return new Time(seconds, nanos);
        }
        return nanos == 0 ? new Time(-seconds, 0) : new Time(-seconds - 1, 1_000_000_000 - nanos);
    }
}
