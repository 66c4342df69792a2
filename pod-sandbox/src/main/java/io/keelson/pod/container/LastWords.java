package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.oci.log.LogLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** The end of a container's log, without what the log adds to it. */
final class LastWords {
    /** Of text; kubelet shows no more of a message. */
    static final int MOST_BYTES = 4096;

    /** Each line has a time and a stream in front of its text. */
    private static final int READ_BYTES = 4 * MOST_BYTES;

    private LastWords() {}

    /** Empty if there is no log, or none that can be read. */
    static String of(Path log) {
        try (var file = FileChannel.open(log, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            var from = Math.max(0, file.size() - READ_BYTES);
            var bytes = ByteBuffer.allocate(READ_BYTES);
            for (var read = 1; read > 0 && bytes.hasRemaining(); ) {
                read = file.read(bytes, from + bytes.position());
            }
            var text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return end(texts(from == 0 ? text : text.substring(text.indexOf('\n') + 1)));
        } catch (IOException e) {
            return "";
        }
    }

    private static String texts(String lines) {
        var texts = new StringBuilder();
        lines.lines().forEach(line -> {
            try {
                var parsed = LogLine.parse(line);
                texts.append(parsed.text()).append(parsed.isPartial() ? "" : "\n");
            } catch (Failure e) {
                // Half of a line, or something else than a log.
            }
        });
        return texts.toString().replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?").stripTrailing();
    }

    /** Whole characters, the last ones. */
    private static String end(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MOST_BYTES) {
            return text;
        }
        var from = bytes.length - MOST_BYTES;
        while (from < bytes.length && (bytes[from] & 0xC0) == 0x80) {
            from++;
        }
        return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    }
}
