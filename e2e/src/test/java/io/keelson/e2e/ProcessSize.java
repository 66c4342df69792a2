package io.keelson.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a process has and takes, by proc(5).
 *
 * @param residentKib of its memory what is in the machine's: VmRSS of proc_pid_status(5)
 */
record ProcessSize(int threads, int descriptors, long residentKib) {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    /** Fails if there is no such process. */
    static ProcessSize of(long pid) throws IOException {
        var process = Path.of("/proc", Long.toString(pid));
        try (var descriptors = Files.list(process.resolve("fd"))) {
            return new ProcessSize(
                    (int) number(process, "Threads:"), (int) descriptors.count(), number(process, "VmRSS:"));
        }
    }

    private static long number(Path process, String field) throws IOException {
        for (var line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith(field)) {
                var match = NUMBER.matcher(line);
                if (match.find()) {
                    return Long.parseLong(match.group());
                }
            }
        }
        throw new AssertionError("no " + field);
    }
}
