package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The monitors of this machine that a daemon with certain paths has started, by what they were started with. */
public final class RunningMonitors {
    private static final Path PROC = Path.of("/proc");
    private static final String ID = "--cid=";

    private RunningMonitors() {}

    /** The ids of their containers, by the monitors' process numbers. */
    public static Map<Long, String> find(MonitorPaths paths) {
        var mark = MonitorArguments.EXITS + paths.exits();
        var found = new TreeMap<Long, String>();
        try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (var process : processes) {
                var words = words(process.resolve("cmdline"));
                if (words.contains(mark)) {
                    id(words)
                            .ifPresent(id -> found.put(
                                    Long.parseLong(process.getFileName().toString()), id));
                }
            }
            return found;
        } catch (IOException | DirectoryIteratorException e) {
            throw Failure.internal("cannot list processes", e);
        }
    }

    private static Optional<String> id(List<String> words) {
        return words.stream()
                .filter(word -> word.startsWith(ID))
                .map(word -> word.substring(ID.length()))
                .findFirst();
    }

    /** None of a process that has ended. */
    private static List<String> words(Path file) {
        try {
            return List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            return List.of();
        }
    }
}
