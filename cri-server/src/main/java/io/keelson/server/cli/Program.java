package io.keelson.server.cli;

import io.keelson.server.config.Configuration;
import java.io.PrintWriter;
import java.util.function.Consumer;

/** What {@code keelson} does with its command line. */
public final class Program {
    private Program() {}

    /**
     * Runs the command line and returns the exit status.
     *
     * @param daemon runs until it is told to end
     */
    public static int run(String version, Consumer<Configuration> daemon, String... arguments) {
        var err = new PrintWriter(System.err, true, System.err.charset());
        return ServeLine.of(arguments)
                .map(line -> line.run(daemon, err))
                .orElseGet(() -> new KeelsonCommand(version, daemon)
                        .run(new PrintWriter(System.out, true, System.out.charset()), err, arguments));
    }
}
