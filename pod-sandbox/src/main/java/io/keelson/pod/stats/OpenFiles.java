package io.keelson.pod.stats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
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
            try (var entries = Files.newDirectoryStream(directory(pid, "fd"))) {
                for (var entry : entries) {
                    descriptors++;
                    sockets += descriptors <= MOST_LOOKED_AT && isSocket(entry) ? 1 : 0;
                }
            } catch (IOException | DirectoryIteratorException e) {
                // It has ended meanwhile.
            }
        }
        return new OpenFiles(
                descriptors, descriptors <= MOST_LOOKED_AT ? OptionalLong.of(sockets) : OptionalLong.empty());
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    /** How many the process may have open (getrlimit(2)); absent for any number. */
    static OptionalLong softLimit(long pid) {
        try {
            return Files.readString(directory(pid, "limits"), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith(SOFT_LIMIT))
                    .map(line -> line.substring(SOFT_LIMIT.length()).strip().split(" ", 2)[0])
                    .filter(limit -> !limit.equals("unlimited"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private static Path directory(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
