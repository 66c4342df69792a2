package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Memory into which small files are read, for one reader at a time. Rooms are kept for the next one: a look at a node's counters reads
 * thousands of files, each of which would else have memory taken, cleared and given back.
 */
final class ReadingRoom {
    static final int BYTES = 4096;

    // struct statx has 256 bytes.
    private static final int STATX_NLINK = 0x4;
    private static final int STATX_LINKS_OFFSET = 16;
    /** Beyond it: an empty name. */
    private static final int NO_NAME = 256;

    /** More readers at once than processors have little to gain. */
    private static final int MOST_KEPT = 8;

    /** What those links begin with that lead to sockets (proc_pid_fd(5)). */
    private static final MemorySegment SOCKET = MemorySegment.ofArray("socket:".getBytes(StandardCharsets.US_ASCII));

    private static final ArrayBlockingQueue<ReadingRoom> KEPT = new ArrayBlockingQueue<>(MOST_KEPT);

    private final MemorySegment state;
    private final MemorySegment piece;
    private final MemorySegment target;
    private final byte[] bytes = new byte[BYTES];

    private ReadingRoom(Arena arena) {
        state = SystemCall.state(arena);
        piece = arena.allocate(BYTES, Long.BYTES);
        target = arena.allocate(SOCKET.byteSize());
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

    /** statx(2) of the open file itself: how many links it has, or the negated errno. */
    long links(Fd fd) {
        piece.set(ValueLayout.JAVA_BYTE, NO_NAME, (byte) 0);
        var result = SystemCall.STATX.tryCall(
                state,
                fd.number(),
                piece.address() + NO_NAME,
                Descriptors.AT_EMPTY_PATH,
                STATX_NLINK,
                piece.address(),
                0);
        return result < 0 ? result : Integer.toUnsignedLong(piece.get(ValueLayout.JAVA_INT, STATX_LINKS_OFFSET));
    }

    /** getdents64(2): how many bytes of entries there are now; none at the directory's end, or if it is gone. */
    int list(Fd directory) {
        return (int) SystemCall.GETDENTS64.tryCall(state, directory.number(), piece.address(), BYTES, 0, 0, 0);
    }

    /** Where the next entry is, in what was listed last. */
    int entryAfter(int entry) {
        return entry + Short.toUnsignedInt(piece.get(ValueLayout.JAVA_SHORT, entry + Directories.LENGTH_OFFSET));
    }

    /** Whether the entry's name begins with a dot. */
    boolean isHidden(int entry) {
        return piece.get(ValueLayout.JAVA_BYTE, entry + Directories.NAME_OFFSET) == '.';
    }

    /** readlinkat(2): whether the entry is a link to a socket. */
    boolean isSocket(Fd directory, int entry) {
        var name = piece.address() + entry + Directories.NAME_OFFSET;
        var read = SystemCall.READLINKAT.tryCall(
                state, directory.number(), name, target.address(), target.byteSize(), 0, 0);
        return read == target.byteSize() && target.mismatch(SOCKET) < 0;
    }

    /** What was read last. */
    byte[] bytes() {
        return bytes;
    }
}
