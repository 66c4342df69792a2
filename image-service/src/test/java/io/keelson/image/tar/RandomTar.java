package io.keelson.image.tar;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tars of every kind of entry that a tar can have and two unpackers agree on, from a seed. */
public final class RandomTar {
    private static final int[] SIZES = {
        0, 1, 511, 512, 513, 2047, 2048, 3999, 4032, 4033, 4095, 4096, 4097, 9000, 1 << 20
    };

    private final Random random;
    private final TarBytes tar = new TarBytes();
    private final List<byte[]> directories = new ArrayList<>();
    private final List<byte[]> files = new ArrayList<>();
    private int sequence;

    public RandomTar(long seed) {
        random = new Random(seed);
    }

    public byte[] make(int entries) {
        directories.add(new byte[0]);
        tar.mode(0755).directory("./");
        for (var i = 0; i < entries; i++) {
            attributes();
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> {
                    var name = name();
                    tar.mode(0700 | random.nextInt(07777)).entry('5', name, new byte[0], new byte[0]);
                    directories.add(name);
                }
                case 3 -> tar.entry('2', name(), randomBytes(1 + random.nextInt(300)), new byte[0]);
                case 4 -> hardLink();
                case 5 ->
                    tar.device(random.nextInt(1 << 12), 1 + random.nextInt(1 << 20))
                            .entry('3', name(), new byte[0], new byte[0]);
                case 6 ->
                    tar.device(random.nextInt(1 << 12), 1 + random.nextInt(1 << 8))
                            .entry('4', name(), new byte[0], new byte[0]);
                case 7 -> tar.entry('6', name(), new byte[0], new byte[0]);
                default -> file();
            }
        }
        return tar.end();
    }

    private void attributes() {
        tar.mode(random.nextInt(010000)).owner(random.nextInt(3) * 70_000L, random.nextInt(1 << 21));
        tar.mtime(random.nextInt());
        if (random.nextInt(4) == 0) {
            tar.pax("mtime", random.nextInt(2_000_000_000) + "." + random.nextInt(1_000_000_000));
        }
    }

    private void file() {
        var name = name();
        if (random.nextInt(6) == 0) {
            tar.pax("SCHILY.xattr.user." + "k".repeat(1 + random.nextInt(20)), randomBytes(1 + random.nextInt(200)));
        }
        if (random.nextInt(12) == 0) {
            tar.pax("SCHILY.xattr.user.large", randomBytes(3_000));
        }
        var contents = new byte[SIZES[random.nextInt(SIZES.length - (random.nextInt(8) == 0 ? 0 : 1))]];
        random.nextBytes(contents);
        tar.file(name, contents);
        files.add(name);
    }

    private void hardLink() {
        if (files.isEmpty()) {
            file();
            return;
        }
        var name = name();
        tar.entry('1', name, files.get(random.nextInt(files.size())), new byte[0]);
        files.add(name);
    }

    /** Any bytes but slash and NUL, unlike any other; 255 of them at times. */
    private byte[] name() {
        var parent = directories.get(random.nextInt(directories.size()));
        var own = randomBytes(random.nextInt(20) == 0 ? 250 : 1 + random.nextInt(14));
        var unique = TarBytes.bytes((random.nextBoolean() ? "!" : "z") + Integer.toString(sequence++, 36));
        var name = new byte[parent.length + (parent.length == 0 ? 0 : 1) + own.length + unique.length];
        System.arraycopy(parent, 0, name, 0, parent.length);
        var at = parent.length;
        if (at > 0) {
            name[at++] = '/';
        }
        System.arraycopy(unique, 0, name, at, unique.length);
        System.arraycopy(own, 0, name, at + unique.length, own.length);
        return name;
    }

    private byte[] randomBytes(int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        for (var i = 0; i < length; i++) {
            if (bytes[i] == 0 || bytes[i] == '/' || bytes[i] == '.') {
                bytes[i] = 'x';
            }
        }
        return bytes;
    }
}
