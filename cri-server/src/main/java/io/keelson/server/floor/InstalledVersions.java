package io.keelson.server.floor;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.Command;
import io.keelson.host.process.Processes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks programs once, after the start, which versions they are. That one is too old keeps nobody from using it: distributions correct
 * old versions under their old numbers. But it is said, in the log and whenever somebody asks for the node's status.
 */
public final class InstalledVersions {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    /** Those that pod networks are usually made with; others have versions of their own. */
    private static final List<String> PLUGINS = List.of("bridge", "host-local", "loopback", "portmap");

    private static final Logger log = LoggerFactory.getLogger(InstalledVersions.class);

    private final Processes processes;
    private volatile Optional<String> trouble = Optional.empty();

    /** Nothing has been asked for yet. */
    public InstalledVersions(Processes processes) {
        this.processes = processes;
    }

    /** What is older than it should be, for people; from memory. Empty also as long as nobody has looked. */
    public Optional<String> trouble() {
        return trouble;
    }

    /**
     * Asks them all.
     *
     * @param runtimes by the names of their handlers
     * @param pluginDirectories where CNI plugins are looked for, first hit first
     */
    public void look(Map<String, Path> runtimes, Path monitor, List<Path> pluginDirectories) {
        var found = new ArrayList<String>();
        runtimes.values().stream()
                .distinct()
                .sorted()
                .forEach(program -> runtimeBelow(program).ifPresent(found::add));
        monitorBelow(monitor).ifPresent(found::add);
        found.addAll(pluginsBelow(pluginDirectories));
        trouble = found.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", found));
        trouble.ifPresent(text -> log.atWarn()
                .addKeyValue("event", "versions-below-floor")
                .log("older than it should be where containers are hostile: {}", text));
    }

    /** What is to be said of the monitor, if it is older than it should be. */
    public Optional<String> monitorBelow(Path monitor) {
        return lookAt(VersionFloor.MONITOR, monitor, ask(monitor, "--version"));
    }

    /** The same of the usual CNI plugins, as far as they are installed. */
    public List<String> pluginsBelow(List<Path> directories) {
        return PLUGINS.stream()
                .flatMap(plugin -> directories.stream()
                        .map(directory -> directory.resolve(plugin))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .flatMap(program -> lookAtPlugin(plugin, program))
                        .stream())
                .toList();
    }

    /** The same of an OCI runtime: whatever its file is called, it says what it is. */
    public Optional<String> runtimeBelow(Path program) {
        var said = ask(program, "--version");
        if (said.startsWith("crun")) {
            return lookAt(VersionFloor.CRUN, program, said);
        }
        return said.startsWith("runc") ? lookAt(VersionFloor.RUNC, program, said) : Optional.empty();
    }

    /** Without CNI_COMMAND it says on stderr what it is, and in the next line which protocols it speaks. */
    private Optional<String> lookAtPlugin(String plugin, Path program) {
        return lookAt(VersionFloor.CNI_PLUGIN, program, ask(program))
                .map(words -> words.replace(VersionFloor.CNI_PLUGIN.program(), "CNI plugin " + plugin));
    }

    private static Optional<String> lookAt(VersionFloor floor, Path program, String said) {
        var version = ProgramVersion.find(said);
        if (version.filter(floor::isMetBy).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(floor.program() + " "
                + version.map(ProgramVersion::toString).orElse("of an unknown version") + " (" + program + "), "
                + floor.wanted() + " is wanted");
    }

    /** The first line that it says; empty if it cannot be asked. */
    private String ask(Path program, String... arguments) {
        var line = new ArrayList<String>(List.of(program.toString()));
        line.addAll(List.of(arguments));
        try {
            var finished = processes.run(Command.of(line).within(DEADLINE));
            var said = finished.stdout().length > 0 ? finished.stdout() : finished.stderr();
            return new String(said, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        } catch (Failure e) {
            return "";
        }
    }
}
