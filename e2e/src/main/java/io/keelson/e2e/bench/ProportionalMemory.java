package io.keelson.e2e.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The proportional set size (proc_pid_smaps(5)) of a daemon, its monitors, shims and pause processes. */
final class ProportionalMemory {
    private static final Path PROC = Path.of("/proc");
    private static final Pattern PSS = Pattern.compile("(?m)^Pss:\\s+(\\d+) kB");
    private static final Pattern HELPERS = Pattern.compile("(.*/)?(conmon|containerd-shim-runc-v2|pause|catatonit)");

    private ProportionalMemory() {}

    /**
     * @param daemon its process
     * @param directory a path below the node's own directory: helpers are known by it, or by being pause processes
     */
    static double mebibytes(long daemon, String directory) throws IOException {
        var node = Path.of(directory).getParent();
        var kibibytes = pss(PROC.resolve(Long.toString(daemon)));
        try (Stream<Path> processes = Files.list(PROC)) {
            for (var process : processes
                    .filter(path -> path.getFileName().toString().chars().allMatch(Character::isDigit))
                    .toList()) {
                if (isHelper(process, String.valueOf(node))) {
                    kibibytes += pss(process);
                }
            }
        }
        return kibibytes / 1024.0;
    }

    private static boolean isHelper(Path process, String node) {
        var line = text(process.resolve("cmdline")).split("\0", 2);
        if (!HELPERS.matcher(line[0]).matches()) {
            return false;
        }
        return line[0].endsWith("pause")
                || text(process.resolve("cmdline")).contains(node)
                || text(process.resolve("environ")).contains(node);
    }

    private static long pss(Path process) {
        var found = PSS.matcher(text(process.resolve("smaps_rollup")));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    /** Empty for what has just ended. */
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
