package io.keelson.image.layer;

import java.util.Arrays;

/** An extended attribute: its full name and value, as bytes. */
final class Xattr {
    private final byte[] name;
    private final byte[] value;

    Xattr(byte[] name, byte[] value) {
        this.name = name;
        this.value = value;
    }

    byte[] name() {
        return name;
    }

    byte[] value() {
        return value;
    }

    boolean isNamed(byte[] other) {
        return Arrays.equals(name, other);
    }
}
