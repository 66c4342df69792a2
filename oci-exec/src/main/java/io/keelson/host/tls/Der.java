package io.keelson.host.tls;

import io.keelson.host.failure.Failure;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** As much of DER (ITU-T X.690) as it takes to put one form of a private key into another. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTETS = 0x04;
    static final int SEQUENCE = 0x30;

    private static final int SHORT_LENGTHS = 0x80;
    private static final int LONGEST_LENGTH_BYTES = 3;
    private static final int OCTET = 0xFF;

    private Der() {}

    /** An element and what is in it. */
    record Element(int tag, byte[] contents) {}

    static byte[] element(int tag, byte[]... contents) {
        var length = Arrays.stream(contents).mapToInt(each -> each.length).sum();
        var bytes = new ByteArrayOutputStream();
        bytes.write(tag);
        if (length < SHORT_LENGTHS) {
            bytes.write(length);
        } else {
            var count = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + Byte.SIZE - 1) / Byte.SIZE;
            bytes.write(SHORT_LENGTHS | count);
            for (var i = count - 1; i >= 0; i--) {
                bytes.write(length >> (i * Byte.SIZE));
            }
        }
        for (var part : contents) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    /** @throws Failure INVALID if it is not DER */
    static List<Element> elements(byte[] bytes) {
        var found = new ArrayList<Element>();
        for (var at = 0; at < bytes.length; ) {
            require(at + 2 <= bytes.length);
            var tag = bytes[at] & OCTET;
            var length = bytes[at + 1] & OCTET;
            at += 2;
            if (length >= SHORT_LENGTHS) {
                var count = length - SHORT_LENGTHS;
                require(count >= 1 && count <= LONGEST_LENGTH_BYTES && at + count <= bytes.length);
                length = 0;
                for (var end = at + count; at < end; at++) {
                    length = length << Byte.SIZE | (bytes[at] & OCTET);
                }
            }
            require(length <= bytes.length - at);
            found.add(new Element(tag, Arrays.copyOfRange(bytes, at, at + length)));
            at += length;
        }
        return found;
    }

    private static void require(boolean isDer) {
        if (!isDer) {
            throw Failure.invalid("it is not DER");
        }
    }
}
