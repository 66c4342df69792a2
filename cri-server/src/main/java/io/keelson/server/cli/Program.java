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
     * @param early is called before the configuration of a daemon is read
     * @param daemon runs until it is told to end
     */
    public static int run(String version, Runnable early, Consumer<Configuration> daemon, String... arguments) {
        var err = new PrintWriter(System.err, true, System.err.charset());
        var line = ServeLine.of(arguments);
        if (line.isPresent()) {
            early.run();
            return line.get().run(daemon, err);
        }
        var out = new PrintWriter(System.out, true, System.out.charset());
        return new KeelsonCommand(version, daemon).run(out, err, arguments);
    }
}
