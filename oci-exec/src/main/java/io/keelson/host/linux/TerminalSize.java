package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** How much a terminal shows. */
public record TerminalSize(int columns, int rows) {
    private static final int STDOUT = 1;

    /** ioctl_tty(2). */
    private static final long TIOCGWINSZ = 0x5413;

    /** Of the one that this process writes to; absent if there is none, or it does not know. */
    public static Optional<TerminalSize> ofStdout() {
        return of(STDOUT);
    }

    static Optional<TerminalSize> of(int descriptor) {
        try (var arena = Arena.ofConfined()) {
            var size = arena.allocate(8, 2);
            var result = SystemCall.IOCTL.tryCall(descriptor, TIOCGWINSZ, size.address(), 0, 0, 0);
            var rows = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 0));
            var columns = Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
            return result < 0 || rows == 0 || columns == 0
                    ? Optional.empty()
                    : Optional.of(new TerminalSize(columns, rows));
        }
    }
}
