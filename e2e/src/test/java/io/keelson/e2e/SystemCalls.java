package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The system calls with names of files that a daemon makes, as strace(1) sees them, each in one line and with the path of each
 * descriptor. Those of the programs that it starts, and of theirs, are left out.
 */
final class SystemCalls implements AutoCloseable {
    private static final String TRACED = "%file,clone,clone3,fork,vfork";
    /** strace(1), "-f": a number of a thread, and what it does. */
    private static final Pattern LINE = Pattern.compile("^(\\d+) +(.*)$");

    private static final Pattern CHILD = Pattern.compile("(?:clone3?|v?fork)\\b.*= (\\d+)$");

    private final Process strace;
    private final Path calls;

    /** @param directory where strace writes */
    SystemCalls(Node node, Path directory) throws IOException {
        calls = directory.resolve("calls");
        var said = directory.resolve("strace");
        strace = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-y",
                        "-s",
                        "4096",
                        "-e",
                        "signal=none",
                        "-e",
                        "trace=" + TRACED,
                        "-o",
                        calls.toString(),
                        "-p",
                        Long.toString(node.pid()))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        await("strace")
                .atMost(LifeScene.PATIENCE)
                .until(() -> Files.readString(said).contains("attached with"));
    }

    /** Ends the watching; what was seen. */
    List<String> stop() throws IOException, InterruptedException {
        close();
        var lines = new String(Files.readAllBytes(calls), StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
        var others = programs(lines);
        return lines.stream()
                .map(LINE::matcher)
                .filter(line -> line.find() && !others.contains(line.group(1)))
                .map(line -> line.group(2))
                .toList();
    }

    /** Processes that became another program, and their children; the daemon itself did so before it was looked at. */
    private static Set<String> programs(List<String> lines) {
        var programs = new HashSet<String>();
        var parents = new HashMap<String, String>();
        for (var text : lines) {
            var line = LINE.matcher(text);
            if (line.find()) {
                var child = CHILD.matcher(line.group(2));
                if (child.find()) {
                    parents.put(child.group(1), line.group(1));
                }
                if (line.group(2).startsWith("execve")) {
                    programs.add(line.group(1));
                }
            }
        }
        while (programs.addAll(childrenOf(programs, parents))) {
            // Until none is found whose parent is one.
        }
        return programs;
    }

    private static List<String> childrenOf(Set<String> programs, Map<String, String> parents) {
        return parents.entrySet().stream()
                .filter(pair -> programs.contains(pair.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public void close() {
        strace.destroy();
        try {
            assertThat(strace.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
