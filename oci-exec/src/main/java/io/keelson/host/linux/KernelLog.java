package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** What the kernel says, as it keeps it in memory (syslog(2)). */
public final class KernelLog {
    private static final int SYSLOG_ACTION_READ_ALL = 3;

    private KernelLog() {}

    /**
     * The last lines of it, each with its level and time; nothing is taken out.
     *
     * @throws LinuxException EPERM to who may not know
     */
    public static String end(int mostBytes) {
        try (var arena = Arena.ofConfined()) {
            var buffer = arena.allocate(mostBytes);
            var length =
                    SystemCall.SYSLOG.call("the kernel's log", SYSLOG_ACTION_READ_ALL, buffer.address(), mostBytes);
            return new String(bytes(buffer, length), StandardCharsets.UTF_8);
        }
    }

    private static byte[] bytes(MemorySegment buffer, long length) {
        return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
