package io.keelson.image.tar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * File names as what they are, bytes, and a text form of them that JSON and messages can hold: printable ASCII stands for
 * itself, every other byte and {@code %} is {@code %} with two hex digits.
 */
public final class ByteNames {
    /** Longest text of a name in a message. */
    private static final int MAX_QUOTED_BYTES = 200;

    private ByteNames() {}

    public static String text(byte[] name) {
        return text(name, name.length);
    }

    private static String text(byte[] name, int length) {
        var text = new StringBuilder(length);
        for (var i = 0; i < length; i++) {
            var value = Byte.toUnsignedInt(name[i]);
            if (value > 0x20 && value < 0x7F && value != '%') {
                text.append((char) value);
            } else {
                text.append('%').append(Character.forDigit(value >> 4, 16)).append(Character.forDigit(value & 15, 16));
            }
        }
        return text.toString();
    }

    /** For messages: in quotation marks, cut if it is long. */
    public static String quote(byte[] name) {
        return name.length <= MAX_QUOTED_BYTES
                ? '"' + text(name) + '"'
                : '"' + text(name, MAX_QUOTED_BYTES) + "…\" (" + name.length + " bytes)";
    }

    /** What {@link #text(byte[])} was made from. */
    public static byte[] bytes(String text) {
        var bytes = new byte[text.length()];
        var length = 0;
        for (var i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%' && i + 2 < text.length()) {
                bytes[length++] = (byte) Integer.parseInt(text, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) text.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The parts between slashes, without those that are empty or {@code .}; {@code ..} is kept. */
    public static List<byte[]> components(byte[] path) {
        var components = new ArrayList<byte[]>(8);
        for (var start = 0; start < path.length; ) {
            var end = start;
            while (end < path.length && path[end] != '/') {
                end++;
            }
            if (end > start && !(end == start + 1 && path[start] == '.')) {
                components.add(Arrays.copyOfRange(path, start, end));
            }
            start = end + 1;
        }
        return components;
    }

    /** The path of a name in a directory, whose own path may be empty. */
    public static byte[] join(byte[] directory, byte[] name) {
        if (directory.length == 0) {
            return name;
        }
        var path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }

    public static boolean isParent(byte[] component) {
        return component.length == 2 && component[0] == '.' && component[1] == '.';
    }

    public static boolean startsWith(byte[] name, byte[] prefix) {
        return name.length >= prefix.length && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
    }
}
