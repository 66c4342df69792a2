package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Memory into which small files are read, for one reader at a time. Rooms are kept for the next one: a look at a node's counters reads
 * thousands of files, each of which would else have memory taken, cleared and given back.
 */
final class ReadingRoom {
    static final int BYTES = 4096;

    /** More readers at once than processors have little to gain. */
    private static final int MOST_KEPT = 8;

    private static final ArrayBlockingQueue<ReadingRoom> KEPT = new ArrayBlockingQueue<>(MOST_KEPT);

    private final MemorySegment state;
    private final MemorySegment piece;
    private final byte[] bytes = new byte[BYTES];

    private ReadingRoom(Arena arena) {
        state = SystemCall.state(arena);
        piece = arena.allocate(BYTES);
    }

    /** To be given back. */
    static ReadingRoom take() {
        var kept = KEPT.poll();
        return kept == null ? new ReadingRoom(Arena.ofAuto()) : kept;
    }

    void giveBack() {
        var _ = KEPT.offer(this);
    }

    /** pread(2) of a piece: how many bytes are in {@link #bytes}, or the negated errno. */
    int read(Fd fd, long offset) {
        var read = SystemCall.PREAD64.tryCall(state, fd.number(), piece.address(), BYTES, offset, 0, 0);
        if (read > 0) {
            MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, 0, bytes, 0, (int) read);
        }
        return (int) read;
    }

    /** What was read last. */
    byte[] bytes() {
        return bytes;
    }
}
