package io.keelson.image.tar;

import java.util.Arrays;

/** An extended attribute: its full name and value, as bytes. */
public final class Xattr {
    private final byte[] name;
    private final byte[] value;

    public Xattr(byte[] name, byte[] value) {
        this.name = name;
        this.value = value;
    }

    public byte[] name() {
        return name;
    }

    public byte[] value() {
        return value;
    }

    public boolean isNamed(byte[] other) {
        return Arrays.equals(name, other);
    }
}
