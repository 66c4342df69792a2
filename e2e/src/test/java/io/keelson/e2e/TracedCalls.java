package io.keelson.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** What strace(1) saw of renames and synchronisations, in the order of time: {@code strace -ff -ttt -T -y}, a file a thread. */
final class TracedCalls {
    /** What a command has to be put behind; the daemon stays its parent's child. */
    static List<String> tracing(Path prefix) {
        return List.of(
                "strace",
                "-D",
                "-ff",
                "-ttt",
                "-T",
                "-y",
                "--seccomp-bpf",
                "-e",
                "trace=fsync,fdatasync,syncfs,rename,renameat,renameat2",
                "-e",
                "signal=none",
                "-o",
                prefix.toString());
    }

    private static final Pattern LINE = Pattern.compile("(\\d+\\.\\d+) (\\w+)\\((.*)\\) += 0 <(\\d+\\.\\d+)>");
    /** Of a name in quotes, or of a descriptor. */
    private static final Pattern PATH = Pattern.compile("\"([^\"]*)\"|\\d<([^>]*)>");

    /**
     * One that succeeded.
     *
     * @param begin seconds since the epoch, by the clock of the machine
     */
    record Call(String name, List<Path> paths, double begin, double end) {
        boolean isRename() {
            return name.startsWith("rename");
        }

        /** Of a rename. */
        Path from() {
            return paths.getFirst();
        }

        /** Of a rename. */
        Path to() {
            return paths.getLast();
        }

        boolean synchronises(Path path) {
            return !isRename() && paths.getFirst().equals(path);
        }
    }

    private TracedCalls() {}

    static List<Call> read(Path prefix) throws IOException {
        var calls = new ArrayList<Call>();
        for (var file : traces(prefix)) {
            for (var line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                parse(line, calls);
            }
        }
        calls.sort(Comparator.comparingDouble(Call::end));
        return calls;
    }

    private static List<Path> traces(Path prefix) throws IOException {
        try (var files = Files.list(prefix.getParent())) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix.getFileName() + "."))
                    .toList();
        }
    }

    private static void parse(String line, List<Call> calls) {
        var match = LINE.matcher(line);
        if (match.matches()) {
            var begin = Double.parseDouble(match.group(1));
            var paths = PATH.matcher(match.group(3))
                    .results()
                    .map(each -> each.group(1) == null ? each.group(2) : each.group(1))
                    .filter(each -> each.startsWith("/"))
                    .map(Path::of)
                    .toList();
            if (!paths.isEmpty()) {
                calls.add(new Call(match.group(2), paths, begin, begin + Double.parseDouble(match.group(4))));
            }
        }
    }
}
