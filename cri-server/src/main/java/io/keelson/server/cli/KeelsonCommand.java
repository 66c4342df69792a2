package io.keelson.server.cli;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.ConfigurationReader;
import io.keelson.server.config.ConfigurationText;
import io.keelson.server.doctor.DoctorCommand;
import io.keelson.server.explain.ExplainCommand;
import io.keelson.server.images.CommandClient;
import io.keelson.server.watch.EventsCommand;
import io.keelson.server.watch.TopCommand;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson}: {@code serve} is what it does when it is told nothing else. */
@Command(
        name = "keelson",
        description = "A Kubernetes CRI container runtime daemon.",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND")
public final class KeelsonCommand implements Callable<Integer> {
    /** The exit status of a daemon that could not start or serve. */
    static final int FAILED = 1;

    private final String version;
    private final Consumer<Configuration> daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = CommandLine.ScopeType.INHERIT,
            description = "The configuration (default: ${DEFAULT-VALUE}, which may be absent).")
    private Path file = ConfigurationReader.DEFAULT_FILE;

    /** @param daemon runs until it is told to end */
    public KeelsonCommand(String version, Consumer<Configuration> daemon) {
        this.version = version;
        this.daemon = daemon;
    }

    /** Runs the command line and returns the exit status. */
    public int run(PrintWriter out, PrintWriter err, String... arguments) {
        var line = new CommandLine(this);
        line.addSubcommand(new DoctorCommand(this::configuration));
        line.addSubcommand(CommandClient.command(this::configuration));
        line.addSubcommand(new EventsCommand(this::configuration));
        line.addSubcommand(new TopCommand(this::configuration));
        line.addSubcommand(new ExplainCommand(this::configuration, this::explainImage));
        line.getCommandSpec().version("keelson " + version);
        line.setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
        return line.setExecutionExceptionHandler(KeelsonCommand::failed).execute(arguments);
    }

    private Configuration configuration() {
        return ConfigurationReader.load(file);
    }

    private int explainImage(String name, PrintWriter out, PrintWriter err) {
        return new CommandLine(CommandClient.command(this::configuration))
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(KeelsonCommand::failed)
                .execute("explain", name);
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof Failure failure) {
            line.getErr().println("keelson: " + failure.getMessage());
            return FAILED;
        }
        throw e;
    }

    @Override
    public Integer call() {
        return serve();
    }

    @Command(name = "serve", description = "Run the daemon (the default).")
    int serve() {
        daemon.accept(ConfigurationReader.load(file));
        return 0;
    }

    @Command(name = "version", description = "Print the version.")
    int version() {
        out().println("keelson " + version);
        return 0;
    }

    @Command(name = "config", description = "Print the configuration that is in force.")
    int config(
            @Option(names = "--default", description = "Print the defaults, explained, as a file to begin with.")
                    boolean isSampleWanted) {
        out().print(
                        isSampleWanted
                                ? ConfigurationText.sample()
                                : ConfigurationText.effective(ConfigurationReader.load(file)));
        out().flush();
        return 0;
    }

    @Command(name = "completion", description = "Print a script by which a shell completes this program's commands.")
    int completion(@CommandLine.Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.") Completion shell) {
        out().print(shell.script(CommandTable.of(spec)));
        out().flush();
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
