package io.keelson.image.rootfs;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Mounts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A path as an argument of fsconfig(2), which takes 255 bytes; longer ones go by an open descriptor. */
final class PathArgument implements AutoCloseable {
    private final String text;
    private final @Nullable Fd fd;

    private PathArgument(String text, @Nullable Fd fd) {
        this.text = text;
        this.fd = fd;
    }

    static PathArgument of(Path path) {
        var text = path.toString();
        if (text.getBytes(StandardCharsets.UTF_8).length <= Mounts.MAX_CONFIG_STRING_BYTES) {
            return new PathArgument(text, null);
        }
        var fd = Descriptors.open(path, Descriptors.O_PATH, 0);
        return new PathArgument(fd.procPath().toString(), fd);
    }

    String text() {
        return text;
    }

    @Override
    public void close() {
        if (fd != null) {
            fd.close();
        }
    }
}
