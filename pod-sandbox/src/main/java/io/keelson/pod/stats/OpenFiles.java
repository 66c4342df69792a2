package io.keelson.pod.stats;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Directories;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What processes have open (proc_pid_fd(5)).
 *
 * @param sockets among them; absent where there are too many to look at each
 */
record OpenFiles(long descriptors, OptionalLong sockets) {
    /** What a server with thousands of connections has. */
    private static final int MOST_LOOKED_AT = 20_000;

    private static final String SOFT_LIMIT = "Max open files";

    /** Processes that end meanwhile have none. */
    static OpenFiles of(List<Long> pids) {
        var descriptors = 0L;
        var sockets = 0L;
        for (var pid : pids) {
            try (var directory = Descriptors.open(path(pid, "fd"), Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
                for (var some = Directories.read(directory); !some.isEmpty(); some = Directories.read(directory)) {
                    for (var entry : some) {
                        descriptors++;
                        sockets += descriptors <= MOST_LOOKED_AT && isSocket(directory, entry) ? 1 : 0;
                    }
                }
            } catch (LinuxException e) {
                // It has ended meanwhile.
            }
        }
        return new OpenFiles(
                descriptors, descriptors <= MOST_LOOKED_AT ? OptionalLong.of(sockets) : OptionalLong.empty());
    }

    private static boolean isSocket(Fd directory, Directories.Entry entry) {
        try {
            return Inodes.readlinkat(directory, new String(entry.name(), StandardCharsets.US_ASCII))
                    .startsWith("socket:");
        } catch (LinuxException e) {
            return false;
        }
    }

    /** How many the process may have open (getrlimit(2)); absent for any number. */
    static OptionalLong softLimit(long pid) {
        try {
            return CounterFile.readOnce(path(pid, "limits"))
                    .map(OpenFiles::softLimit)
                    .orElse(OptionalLong.empty());
        } catch (LinuxException e) {
            return OptionalLong.empty();
        }
    }

    /** A line as {@code Max open files            1024                 524288               files}. */
    static OptionalLong softLimit(String limits) {
        var at = limits.indexOf(SOFT_LIMIT);
        var begin = at < 0 ? limits.length() : at + SOFT_LIMIT.length();
        while (begin < limits.length() && limits.charAt(begin) == ' ') {
            begin++;
        }
        var end = limits.indexOf(' ', begin);
        var word = limits.substring(begin, end < 0 ? limits.length() : end);
        return word.isEmpty() || word.equals("unlimited")
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(word));
    }

    private static Path path(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
