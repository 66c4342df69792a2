package io.keelson.host.linux;

import java.lang.foreign.Arena;

/** The clock that tells the time of day. */
public final class WallClock {
    private static final int TIME_ERROR = 5;
    /** More than struct timex has on any machine. */
    private static final int TIMEX_BYTES = 256;

    private WallClock() {}

    /** Whether something keeps it right, as far as the kernel was told (adjtimex(2), which changes nothing here). */
    public static boolean isSynchronized() {
        try (var arena = Arena.ofConfined()) {
            var timex = arena.allocate(TIMEX_BYTES, 8);
            return SystemCall.ADJTIMEX.call("the clock", timex.address()) != TIME_ERROR;
        }
    }
}
