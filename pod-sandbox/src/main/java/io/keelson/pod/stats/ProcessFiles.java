package io.keelson.pod.stats;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.OpenFiles;
import java.nio.file.Path;
import java.util.Collection;
import java.util.OptionalLong;

/**
 * What processes have open (proc_pid_fd(5)).
 *
 * @param sockets among them; absent where there are too many to look at each
 */
record ProcessFiles(long descriptors, OptionalLong sockets) {
    /** What a server with thousands of connections has. */
    private static final int MOST_LOOKED_AT = 20_000;

    private static final String SOFT_LIMIT = "Max open files";

    /** Processes that end meanwhile have none. */
    static ProcessFiles of(Collection<Long> pids) {
        var descriptors = 0L;
        var sockets = 0L;
        for (var pid : pids) {
            var open = OpenFiles.of(pid, Math.max(0, MOST_LOOKED_AT - descriptors));
            descriptors += open.descriptors();
            sockets += open.sockets();
        }
        return new ProcessFiles(
                descriptors, descriptors <= MOST_LOOKED_AT ? OptionalLong.of(sockets) : OptionalLong.empty());
    }

    /** How many the process may have open (getrlimit(2)); absent for any number. */
    static OptionalLong softLimit(long pid) {
        var told = OpenFiles.softLimit(pid);
        if (told.isPresent()) {
            return told.getAsLong() < 0 ? OptionalLong.empty() : told;
        }
        // Another user's process is told of by its file where we have no CAP_SYS_RESOURCE.
        try {
            return CounterFile.readOnce(Path.of("/proc/" + pid + "/limits"))
                    .map(ProcessFiles::softLimit)
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
}
