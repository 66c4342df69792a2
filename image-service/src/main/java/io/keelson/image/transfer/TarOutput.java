package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a plain tar of files (POSIX ustar; sizes beyond 8 GiB in base 256). Names are ours and fit. */
final class TarOutput {
    private static final int BLOCK_BYTES = 512;
    private static final int MAX_NAME_BYTES = 100;
    private static final long LARGEST_OCTAL = 0777_7777_7777L;

    private final OutputStream out;

    TarOutput(OutputStream out) {
        this.out = out;
    }

    /** Writes exactly as many bytes as it was said. */
    @FunctionalInterface
    interface Contents {
        void writeTo(OutputStream out) throws IOException;
    }

    void file(String name, byte[] bytes) throws IOException {
        file(name, bytes.length, to -> to.write(bytes));
    }

    void file(String name, long size, Contents contents) throws IOException {
        out.write(header(name, size));
        var counting = new CountingOutput(out);
        contents.writeTo(counting);
        if (counting.count() != size) {
            throw Failure.invalid(name + " has " + counting.count() + " bytes, not " + size);
        }
        out.write(new byte[(int) (-size & (BLOCK_BYTES - 1))]);
    }

    void end() throws IOException {
        out.write(new byte[2 * BLOCK_BYTES]);
        out.flush();
    }

    private static byte[] header(String name, long size) {
        var block = new byte[BLOCK_BYTES];
        var bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME_BYTES) {
            throw Failure.invalid("the name " + name + " is too long for an archive");
        }
        System.arraycopy(bytes, 0, block, 0, bytes.length);
        put(block, 100, "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        if (size <= LARGEST_OCTAL) {
            put(block, 124, String.format("%011o", size));
        } else {
            block[124] = (byte) 0x80;
            for (var i = 0; i < Long.BYTES; i++) {
                block[128 + i] = (byte) (size >>> (56 - 8 * i));
            }
        }
        put(block, 136, "00000000000");
        put(block, 257, "ustar");
        put(block, 263, "00");
        block[156] = '0';
        Arrays.fill(block, 148, 156, (byte) ' ');
        var sum = 0;
        for (var value : block) {
            sum += value & 0xFF;
        }
        put(block, 148, String.format("%06o", sum));
        block[154] = 0;
        return block;
    }

    private static void put(byte[] block, int at, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }
}
