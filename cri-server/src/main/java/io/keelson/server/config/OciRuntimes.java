package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The OCI runtimes of this node.
 *
 * @param programs by the name of their handler
 * @param defaultName the handler of pods that ask for none; absent if there is no runtime at all
 */
public record OciRuntimes(Map<String, Path> programs, Optional<String> defaultName) {
    private static final List<Path> DIRECTORIES = List.of(
            Path.of("/usr/local/sbin"),
            Path.of("/usr/local/bin"),
            Path.of("/usr/sbin"),
            Path.of("/usr/bin"),
            Path.of("/sbin"),
            Path.of("/bin"));

    /** What Keelson looks for without configuration, the better one first. */
    private static final List<String> KNOWN = List.of("crun", "runc");

    public OciRuntimes {
        programs = Map.copyOf(programs);
    }

    /** @throws Failure INVALID if a configured program is not there; that none is installed is none, and not a failure */
    public static OciRuntimes find(Configuration.Runtimes settings) {
        return find(settings, Files::isExecutable);
    }

    static OciRuntimes find(Configuration.Runtimes settings, Predicate<Path> isExecutable) {
        var programs = new LinkedHashMap<String, Path>();
        settings.handlers().forEach((name, handler) -> programs.put(name, configured(name, handler, isExecutable)));
        if (programs.isEmpty()) {
            KNOWN.forEach(name -> installed(name, isExecutable).ifPresent(program -> programs.put(name, program)));
        }
        var wanted = settings.defaultHandler();
        if (!wanted.isEmpty() && !programs.containsKey(wanted)) {
            throw Failure.invalid("runtime.default_handler: there is no handler \"" + wanted + "\"; there are "
                    + String.join(", ", programs.keySet()));
        }
        var fallback = programs.containsKey(KNOWN.getFirst())
                ? Optional.of(KNOWN.getFirst())
                : programs.keySet().stream().findFirst();
        return new OciRuntimes(programs, wanted.isEmpty() ? fallback : Optional.of(wanted));
    }

    private static Path configured(String name, Configuration.Handler handler, Predicate<Path> isExecutable) {
        if (handler.program().isEmpty()) {
            return installed(name, isExecutable)
                    .orElseThrow(() -> Failure.invalid("runtime.handlers." + name + ": there is no program " + name
                            + " in the usual directories; set runtime.handlers." + name + ".program"));
        }
        var program = Path.of(handler.program());
        if (!isExecutable.test(program)) {
            throw Failure.invalid("runtime.handlers." + name + ".program: " + program + " is not a program");
        }
        return program;
    }

    private static Optional<Path> installed(String name, Predicate<Path> isExecutable) {
        return DIRECTORIES.stream()
                .map(directory -> directory.resolve(name))
                .filter(isExecutable)
                .findFirst();
    }
}
