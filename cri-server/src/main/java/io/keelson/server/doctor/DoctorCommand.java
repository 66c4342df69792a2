package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.server.config.Configuration;
import io.keelson.server.log.LoggingConfigurator;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson doctor}: with the daemon or without it. */
@Command(
        name = "doctor",
        description = {
            "Look at this node, and say of everything that pods need whether it is as it should be, and what to do.",
            "One network namespace is attached to the network of pods and detached again; nothing else is changed.",
            "Ends with 0 if all is well, 1 if there are warnings, 2 if something fails."
        })
public final class DoctorCommand implements Callable<Integer> {
    private final Supplier<Configuration> configuration;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    @Option(names = "--json", description = "Say it as JSON.")
    private boolean isJsonWanted;

    @Option(
            names = "--fix",
            description =
                    "First remove mounts, namespaces and files of Keelson's that belong to nobody; no daemon may run.")
    private boolean isRepairWanted;

    /** @param configuration is read when the command runs, and may fail then */
    public DoctorCommand(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    @Override
    public Integer call() {
        LoggingConfigurator.setLevel("off");
        var out = spec.commandLine().getOut();
        var findings = findings(spec.commandLine().getErr());
        if (isJsonWanted) {
            out.println(new String(
                    new Json.Arr(findings.stream().<Json>map(Finding::toJson).toList()).toBytes(),
                    StandardCharsets.UTF_8));
        } else {
            print(findings, out);
        }
        return findings.stream()
                .mapToInt(each -> each.verdict().exitStatus())
                .max()
                .orElse(0);
    }

    private List<Finding> findings(PrintWriter repairs) {
        Configuration settings;
        try {
            settings = configuration.get();
        } catch (Failure e) {
            return Doctor.without(e).look();
        }
        if (isRepairWanted) {
            Repair.run(settings.storage(), repairs);
        }
        return Doctor.of(settings).look();
    }

    private static void print(List<Finding> findings, PrintWriter out) {
        var width = findings.stream()
                .mapToInt(each -> each.subject().length())
                .max()
                .orElse(0);
        for (var each : findings) {
            out.println("%-4s  %s  %s".formatted(each.verdict(), pad(each.subject(), width), each.said()));
            if (!each.advice().isEmpty()) {
                out.println("      " + pad("", width) + "  -> " + each.advice());
            }
        }
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
