package io.keelson.image.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes inputs of seeds: bits turned, bytes set, pieces repeated, moved, cut out and put in. The same number makes the same input. */
public final class Mutator {
    private static final int MAX_BYTES = 1 << 20;
    private static final byte[][] TELLING = {
        {0},
        {(byte) 0xff},
        {(byte) 0x80},
        {0x7f},
        {' '},
        {'\n'},
        {'/'},
        {'"'},
        {'='},
        {'.', '.'},
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff},
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
        {'9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9', '9'},
        {'-', '1'},
        {'[', '[', '[', '[', '[', '[', '[', '['}
    };

    private final Random random;
    private final List<byte[]> seeds;

    public Mutator(long number, List<byte[]> seeds) {
        this.random = new Random(number);
        this.seeds = List.copyOf(seeds);
    }

    public byte[] next() {
        var input = seeds.get(random.nextInt(seeds.size())).clone();
        for (var changes = 1 + random.nextInt(5); changes > 0; changes--) {
            input = changed(input);
        }
        return input;
    }

    private byte[] changed(byte[] input) {
        if (input.length == 0) {
            return telling();
        }
        var at = random.nextInt(input.length);
        var length = Math.min(input.length - at, 1 + random.nextInt(random.nextBoolean() ? 8 : 600));
        return switch (random.nextInt(8)) {
            case 0 -> {
                input[at] ^= (byte) (1 << random.nextInt(8));
                yield input;
            }
            case 1 -> {
                input[at] = (byte) random.nextInt(256);
                yield input;
            }
            case 2 -> replaced(input, at, 0, telling());
            case 3 -> replaced(input, at, Math.min(length, 20), telling());
            case 4 -> replaced(input, at, length, new byte[0]);
            case 5 -> replaced(input, at, 0, Arrays.copyOfRange(input, at, at + length));
            case 6 -> replaced(input, random.nextInt(input.length), 0, Arrays.copyOfRange(input, at, at + length));
            default -> spliced(input, at);
        };
    }

    private byte[] telling() {
        return TELLING[random.nextInt(TELLING.length)].clone();
    }

    private byte[] spliced(byte[] input, int at) {
        var other = seeds.get(random.nextInt(seeds.size()));
        var from = other.length == 0 ? 0 : random.nextInt(other.length);
        return replaced(input, at, input.length - at, Arrays.copyOfRange(other, from, other.length));
    }

    private static byte[] replaced(byte[] input, int at, int length, byte[] by) {
        var out = new ByteArrayOutputStream();
        out.write(input, 0, at);
        out.writeBytes(by);
        out.write(input, at + length, input.length - at - length);
        return out.size() > MAX_BYTES ? input : out.toByteArray();
    }
}
