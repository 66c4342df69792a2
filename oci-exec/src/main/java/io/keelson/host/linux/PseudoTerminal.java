package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A terminal whose other side is ours (pty(7), ptmx(4)). */
public final class PseudoTerminal implements AutoCloseable {
    private static final Path MULTIPLEXER = Path.of("/dev/ptmx");
    private static final Path SLAVES = Path.of("/dev/pts");
    private static final int O_NOCTTY = 0x100;

    // ioctl_tty(2).
    private static final long TCGETS = 0x5401;
    private static final long TCSETS = 0x5402;
    private static final long TIOCSWINSZ = 0x5414;
    private static final long TIOCGPTN = 0x80045430L;
    private static final long TIOCSPTLCK = 0x40045431L;

    // termios(3), cfmakeraw: what input, output, local and control modes are without.
    private static final int TERMIOS_BYTES = 64;
    private static final int RAW_INPUT = ~0x5EB;
    private static final int RAW_OUTPUT = ~0x1;
    private static final int RAW_CONTROL = ~0x130;
    private static final int CS8 = 0x30;
    private static final int RAW_LOCAL = ~0x804B;

    private final Fd master;
    private final Path slave;

    private PseudoTerminal(Fd master, Path slave) {
        this.master = master;
        this.slave = slave;
    }

    /** A new one, which passes on every byte as it is (cfmakeraw(3)): the terminal that counts is at the end of the line. */
    public static PseudoTerminal open() {
        var master = Descriptors.open(MULTIPLEXER, Descriptors.O_RDWR | O_NOCTTY, 0);
        try (var arena = Arena.ofConfined()) {
            var number = arena.allocate(ValueLayout.JAVA_INT);
            SystemCall.IOCTL.call(MULTIPLEXER, master.number(), TIOCSPTLCK, number.address());
            SystemCall.IOCTL.call(MULTIPLEXER, master.number(), TIOCGPTN, number.address());
            var termios = arena.allocate(TERMIOS_BYTES, 8);
            SystemCall.IOCTL.call(MULTIPLEXER, master.number(), TCGETS, termios.address());
            mask(termios, 0, RAW_INPUT, 0);
            mask(termios, 4, RAW_OUTPUT, 0);
            mask(termios, 8, RAW_CONTROL, CS8);
            mask(termios, 12, RAW_LOCAL, 0);
            SystemCall.IOCTL.call(MULTIPLEXER, master.number(), TCSETS, termios.address());
            return new PseudoTerminal(master, SLAVES.resolve(Integer.toString(number.get(ValueLayout.JAVA_INT, 0))));
        } catch (LinuxException e) {
            master.close();
            throw e;
        }
    }

    private static void mask(MemorySegment termios, long offset, int keep, int set) {
        termios.set(ValueLayout.JAVA_INT, offset, (termios.get(ValueLayout.JAVA_INT, offset) & keep) | set);
    }

    /** Our side. */
    public Fd master() {
        return master;
    }

    /** The other side, for a program to open. */
    public Path slave() {
        return slave;
    }

    /** Who has it as its terminal gets SIGWINCH if this changes something. */
    public static void resize(Fd master, int columns, int rows) {
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocate(8, 2);
            size.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            size.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            SystemCall.IOCTL.call(master, master.number(), TIOCSWINSZ, size.address());
        }
    }

    @Override
    public void close() {
        master.close();
    }
}
