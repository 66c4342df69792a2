package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Program {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Program() {}

    /** What a program said, and how it ended. */
    public record Said(List<String> command, int exitCode, String stdout, String stderr) {
        /** Its output, if it ended well; otherwise fails with all that it said. */
        public String expectSuccess() {
            if (exitCode != 0) {
                throw new AssertionError("exit code %d of %s%n%s%s".formatted(exitCode, command, stdout, stderr));
            }
            return stdout.strip();
        }
    }

    /** Runs it; output goes through files in {@code directory}, so that nothing blocks on a full pipe. */
    public static Said run(Path directory, List<String> command) throws IOException, InterruptedException {
        return run(directory, LIMIT, command);
    }

    /** Runs it, and ends it when {@code limit} has passed. */
    public static Said run(Path directory, Duration limit, List<String> command)
            throws IOException, InterruptedException {
        var stdout = Files.createTempFile(directory, "said", ".out");
        var stderr = Files.createTempFile(directory, "said", ".err");
        try {
            var process = new ProcessBuilder(command)
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile())
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("still running after " + limit + ": " + command);
            }
            return new Said(command, process.exitValue(), Files.readString(stdout), Files.readString(stderr));
        } finally {
            Files.delete(stdout);
            Files.delete(stderr);
        }
    }

    /** A system property that e2e/check and e2e/bench set. */
    public static String required(String property) {
        var value = System.getProperty(property, "");
        if (value.isEmpty()) {
            throw new IllegalStateException("-D" + property + " is not set: run e2e/check");
        }
        return value;
    }
}
