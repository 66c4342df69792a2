package io.keelson.e2e.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The proportional set size (proc_pid_smaps(5)) of a daemon, its monitors, shims and pause processes. */
final class ProportionalMemory {
    private static final Pattern PSS = Pattern.compile("(?m)^Pss:\\s+(\\d+) kB");
    private static final Pattern PARENT = Pattern.compile("(?m)^PPid:\\s+(\\d+)");
    /** A shim is started by the name of its file, at the end of all links: with a version. */
    private static final Pattern MONITORS = Pattern.compile("(.*/)?(conmon|containerd-shim-runc-v2(-v[0-9.]+)?)");

    private static final Pattern PAUSES = Pattern.compile("(.*/)?(pause|catatonit)");

    private final Path proc;

    /** @param proc where procfs is */
    ProportionalMemory(Path proc) {
        this.proc = proc;
    }

    /**
     * What all take together.
     *
     * @param daemon its process
     * @param logs a path in the node's own directory: monitors and shims name that directory, pause processes are their children
     */
    double mebibytes(long daemon, String logs) throws IOException {
        var processes = processes();
        var node = Path.of(logs).getParent() + "/";
        var counted = new HashSet<Long>();
        counted.add(daemon);
        counted.addAll(processes.stream().filter(pid -> isMonitor(pid, node)).toList());
        counted.addAll(pausesBelow(Set.copyOf(counted), processes));
        return counted.stream().mapToLong(this::kibibytes).sum() / 1024.0;
    }

    private List<Long> processes() throws IOException {
        try (Stream<Path> entries = Files.list(proc)) {
            return entries.map(path -> path.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .toList();
        }
    }

    private boolean isMonitor(long pid, String node) {
        return MONITORS.matcher(program(pid)).matches()
                && (text(pid, "cmdline").contains(node) || text(pid, "environ").contains(node));
    }

    private List<Long> pausesBelow(Collection<Long> parents, List<Long> processes) {
        return processes.stream()
                .filter(pid -> PAUSES.matcher(program(pid)).matches())
                .filter(pid -> parents.contains(number(PARENT, text(pid, "status"))))
                .toList();
    }

    private String program(long pid) {
        return text(pid, "cmdline").split("\0", 2)[0];
    }

    private long kibibytes(long pid) {
        return number(PSS, text(pid, "smaps_rollup"));
    }

    private static long number(Pattern pattern, String text) {
        var found = pattern.matcher(text);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    /** Empty for what has just ended. */
    private String text(long pid, String file) {
        try {
            return Files.readString(proc.resolve(Long.toString(pid)).resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
