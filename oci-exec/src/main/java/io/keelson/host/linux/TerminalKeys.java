package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The keys that are pressed at this process's terminal, each at once and without being shown (termios(3)), until this is closed: the
 * terminal is then as it was. Those that send signals still do.
 */
public final class TerminalKeys implements AutoCloseable {
    /** Nobody is at the terminal any more. */
    public static final int END = -1;

    private static final Path TERMINAL = Path.of("/dev/tty");

    // ioctl_tty(2), and the kernel's struct termios: four words of flags, the line discipline, control characters.
    private static final long TCGETS = 0x5401;
    private static final long TCSETS = 0x5402;
    private static final int TERMIOS_BYTES = 36;
    private static final int LOCAL_FLAGS_OFFSET = 12;
    private static final int VTIME_OFFSET = 17 + 5;
    private static final int VMIN_OFFSET = 17 + 6;
    private static final int ICANON = 2;
    private static final int ECHO = 8;

    private final Fd terminal;
    private final byte[] before;
    private boolean isClosed;

    private TerminalKeys(Fd terminal, byte[] before) {
        this.terminal = terminal;
        this.before = before;
    }

    /** Absent for a process that has no terminal. */
    public static Optional<TerminalKeys> open() {
        Fd terminal;
        try {
            terminal = Descriptors.open(TERMINAL, Descriptors.O_RDONLY, 0);
        } catch (LinuxException e) {
            return Optional.empty();
        }
        try (var arena = Arena.ofConfined()) {
            var settings = arena.allocate(TERMIOS_BYTES, 8);
            SystemCall.IOCTL.call(TERMINAL, terminal.number(), TCGETS, settings.address());
            var keys = new TerminalKeys(terminal, settings.toArray(ValueLayout.JAVA_BYTE));
            var flags = settings.get(ValueLayout.JAVA_INT, LOCAL_FLAGS_OFFSET);
            settings.set(ValueLayout.JAVA_INT, LOCAL_FLAGS_OFFSET, flags & ~(ICANON | ECHO));
            settings.set(ValueLayout.JAVA_BYTE, VTIME_OFFSET, (byte) 0);
            settings.set(ValueLayout.JAVA_BYTE, VMIN_OFFSET, (byte) 1);
            SystemCall.IOCTL.call(TERMINAL, terminal.number(), TCSETS, settings.address());
            return Optional.of(keys);
        } catch (LinuxException e) {
            terminal.close();
            return Optional.empty();
        }
    }

    /** The next one, or {@link #END}; absent if none is pressed in time. */
    public OptionalInt press(Deadline deadline) {
        if (!Readiness.await(terminal, Descriptors.POLLIN, deadline)) {
            return OptionalInt.empty();
        }
        try (var arena = Arena.ofConfined()) {
            var key = arena.allocate(1);
            var read = SystemCall.READ.tryCall(terminal.number(), key.address(), 1, 0, 0, 0);
            return OptionalInt.of(read == 1 ? key.get(ValueLayout.JAVA_BYTE, 0) : END);
        }
    }

    /** Also from another thread, when the process ends while it waits for a key. */
    public synchronized void restore() {
        if (isClosed) {
            return;
        }
        try (var arena = Arena.ofConfined()) {
            var settings = arena.allocate(TERMIOS_BYTES, 8);
            MemorySegment.copy(before, 0, settings, ValueLayout.JAVA_BYTE, 0, TERMIOS_BYTES);
            SystemCall.IOCTL.tryCall(terminal.number(), TCSETS, settings.address(), 0, 0, 0);
        }
    }

    @Override
    public synchronized void close() {
        restore();
        isClosed = true;
        terminal.close();
    }
}
