package io.keelson.server.stream;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.pod.stream.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Reads how large a client's terminal is: JSON objects, one after the other, {@code {"Width":80,"Height":24}}. */
final class TerminalSizes {
    private static final int LONGEST_BYTES = 1024;
    private static final int LARGEST = 0xFFFF;

    private TerminalSizes() {}

    /** Until the end of the stream, or until something else comes. */
    static void read(InputStream stream, Consumer<TerminalSize> listener) {
        var object = new ByteArrayOutputStream();
        try {
            for (var octet = stream.read(); octet >= 0 && object.size() < LONGEST_BYTES; octet = stream.read()) {
                object.write(octet);
                if (octet == '}') {
                    var size = Json.parseObject(object.toByteArray());
                    listener.accept(new TerminalSize(side(size, "Width"), side(size, "Height")));
                    object.reset();
                }
            }
        } catch (IOException | Failure e) {
            // The terminal keeps the size that it has.
        }
    }

    private static int side(Json.Obj size, String name) {
        return Math.clamp(size.number(name), 0, LARGEST);
    }
}
