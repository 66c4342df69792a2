package io.keelson.host.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program to run to its end: an absolute path and its arguments (no shell), exactly this environment, and limits.
 *
 * @param timeout after which the whole process group is killed
 * @param drain how long after the program's end its descendants may keep the pipes open before reading stops
 * @param share of memory, for its output
 */
public record Command(
        List<String> arguments,
        Map<String, String> environment,
        Optional<Path> directory,
        byte[] stdin,
        Duration timeout,
        Duration drain,
        int stdoutLimitBytes,
        int stderrLimitBytes,
        OutputShare share) {
    /** A search path for programs that start others; nothing of the daemon's own environment is passed on. */
    public static final Map<String, String> MINIMAL_ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");

    /** What one stream of a plugin or runtime may print unless told otherwise. */
    public static final int OUTPUT_LIMIT_BYTES = 1024 * 1024;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration DRAIN = Duration.ofMillis(200);

    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        stdin = stdin.clone();
        if (arguments.isEmpty() || !arguments.getFirst().startsWith("/")) {
            throw new IllegalArgumentException("not an absolute path: " + arguments);
        }
    }

    public static Command of(List<String> arguments) {
        return new Command(
                arguments,
                MINIMAL_ENVIRONMENT,
                Optional.empty(),
                new byte[0],
                TIMEOUT,
                DRAIN,
                OUTPUT_LIMIT_BYTES,
                OUTPUT_LIMIT_BYTES,
                OutputShare.UNLIMITED);
    }

    public static Command of(String... arguments) {
        return of(List.of(arguments));
    }

    public Command withEnvironment(Map<String, String> exactly) {
        return new Command(
                arguments, exactly, directory, stdin, timeout, drain, stdoutLimitBytes, stderrLimitBytes, share);
    }

    public Command in(Path workingDirectory) {
        return new Command(
                arguments,
                environment,
                Optional.of(workingDirectory),
                stdin,
                timeout,
                drain,
                stdoutLimitBytes,
                stderrLimitBytes,
                share);
    }

    public Command withStdin(byte[] bytes) {
        return new Command(
                arguments, environment, directory, bytes, timeout, drain, stdoutLimitBytes, stderrLimitBytes, share);
    }

    public Command within(Duration limit) {
        return new Command(
                arguments, environment, directory, stdin, limit, drain, stdoutLimitBytes, stderrLimitBytes, share);
    }

    public Command drainingFor(Duration limit) {
        return new Command(
                arguments, environment, directory, stdin, timeout, limit, stdoutLimitBytes, stderrLimitBytes, share);
    }

    /** What goes beyond a limit is read and dropped, so that the program is not held up. */
    public Command limitedTo(int stdoutBytes, int stderrBytes) {
        return new Command(arguments, environment, directory, stdin, timeout, drain, stdoutBytes, stderrBytes, share);
    }

    /** Beyond some kilobytes, what it prints is kept as far as this share can grow. */
    public Command sharing(OutputShare memory) {
        return new Command(
                arguments, environment, directory, stdin, timeout, drain, stdoutLimitBytes, stderrLimitBytes, memory);
    }
}
