package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Changes in directories (inotify(7)). Used by one thread, which may be a virtual one. */
public final class Inotify implements AutoCloseable {
    public static final int IN_MODIFY = 0x2;
    public static final int IN_CLOSE_WRITE = 0x8;
    public static final int IN_MOVED_FROM = 0x40;
    public static final int IN_MOVED_TO = 0x80;
    public static final int IN_CREATE = 0x100;
    public static final int IN_DELETE = 0x200;
    public static final int IN_Q_OVERFLOW = 0x4000;

    private static final int HEADER_BYTES = 16;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Fd fd =
            Fd.owned((int) SystemCall.INOTIFY_INIT1.call("", Descriptors.O_CLOEXEC | Descriptors.O_NONBLOCK));
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());

    /** What happened to {@code name} in the directory of this watch; after an overflow the directory must be read anew. */
    public record Event(int watch, int mask, String name) {
        public boolean isOverflow() {
            return (mask & IN_Q_OVERFLOW) != 0;
        }
    }

    /** inotify_add_watch(2). */
    public int watch(Path directory, int mask) {
        try (var arena = Arena.ofConfined()) {
            return (int)
                    SystemCall.INOTIFY_ADD_WATCH.call(directory, fd.number(), SystemCall.path(arena, directory), mask);
        }
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Waits for events; none if the deadline came first.
     *
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted, with the flag restored
     */
    public List<Event> read(Deadline deadline) {
        if (!Readiness.await(fd, Descriptors.POLLIN, deadline)) {
            return List.of();
        }
        buffer.clear();
        if (Descriptors.read(fd, buffer) <= 0) {
            return List.of();
        }
        buffer.flip();
        var events = new ArrayList<Event>();
        while (buffer.remaining() >= HEADER_BYTES) {
            var watch = buffer.getInt();
            var mask = buffer.getInt();
            buffer.getInt();
            var name = new byte[buffer.getInt()];
            buffer.get(name);
            var end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
            events.add(new Event(watch, mask, new String(name, 0, end, StandardCharsets.UTF_8)));
        }
        return events;
    }

    @Override
    public void close() {
        fd.close();
    }
}
