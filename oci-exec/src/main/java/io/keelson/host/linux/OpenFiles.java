package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What a process has open (proc_pid_fd(5)).
 *
 * @param sockets among those that were looked at
 */
public record OpenFiles(long descriptors, long sockets) {
    private static final int RLIMIT_NOFILE = 7;

    /** prlimit(2): how many the process may have open, -1 for any number; absent if it has ended, or may not be asked by us. */
    public static OptionalLong softLimit(long pid) {
        try (var arena = Arena.ofConfined()) {
            var limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
            var result = SystemCall.PRLIMIT64.tryCall(pid, RLIMIT_NOFILE, 0, limits.address(), 0, 0);
            return result < 0 ? OptionalLong.empty() : OptionalLong.of(limits.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** A process that has ended meanwhile has none. */
    public static OpenFiles of(long pid, long mostLookedAt) {
        var room = ReadingRoom.take();
        try (var directory =
                Descriptors.open(Path.of("/proc/" + pid + "/fd"), Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
            var descriptors = 0L;
            var sockets = 0L;
            for (var end = room.list(directory); end > 0; end = room.list(directory)) {
                for (var entry = 0; entry < end; entry = room.entryAfter(entry)) {
                    if (!room.isHidden(entry)) {
                        descriptors++;
                        sockets += descriptors <= mostLookedAt && room.isSocket(directory, entry) ? 1 : 0;
                    }
                }
            }
            return new OpenFiles(descriptors, sockets);
        } catch (LinuxException e) {
            return new OpenFiles(0, 0);
        } finally {
            room.giveBack();
        }
    }
}
