package io.keelson.host.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** A small file of the kernel's that is read time and again through one descriptor, each time as it is by then. */
public final class CounterFile implements AutoCloseable {
    private static final int MOST_BYTES = 1 << 20;
    /** The kernel ends early only where the next line would not fit in what is left of the piece (seq_file), and none is so long. */
    private static final int SURELY_ALL_BYTES = ReadingRoom.BYTES / 2;

    private final Fd fd;
    private boolean isClosed;

    private CounterFile(Fd fd) {
        this.fd = fd;
    }

    /** Absent if there is no such file. */
    public static Optional<CounterFile> open(Path path) {
        return open(() -> Descriptors.open(path, Descriptors.O_RDONLY, 0));
    }

    /** The same in an open directory; absent also if that is gone. */
    public static Optional<CounterFile> open(Fd directory, String name) {
        return open(() -> Descriptors.openat(directory, name, Descriptors.O_RDONLY));
    }

    private static Optional<CounterFile> open(Supplier<Fd> file) {
        try {
            return Optional.of(new CounterFile(file.get()));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Opens it, reads it and closes it. */
    public static Optional<String> readOnce(Path path) {
        return open(path).flatMap(CounterFile::readLast);
    }

    /** Reads it for the last time. */
    public Optional<String> readLast() {
        try (this) {
            return read();
        }
    }

    /** pread(2) to the end; absent if what it tells of is gone (ENODEV), or not counted (EOPNOTSUPP). */
    public synchronized Optional<String> read() {
        if (isClosed) {
            return Optional.empty();
        }
        var room = ReadingRoom.take();
        try {
            return read(room);
        } finally {
            room.giveBack();
        }
    }

    private Optional<String> read(ReadingRoom room) {
        var text = "";
        while (text.length() < MOST_BYTES) {
            var read = room.read(fd, text.length());
            if (read == 0) {
                break;
            }
            if (read > 0) {
                var piece = new String(room.bytes(), 0, read, StandardCharsets.ISO_8859_1);
                text = text.isEmpty() ? piece : text + piece;
                if (read < SURELY_ALL_BYTES) {
                    break;
                }
            } else if (read != -Errno.EINTR) {
                return Optional.empty();
            }
        }
        return Optional.of(text);
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        fd.close();
    }
}
