package io.keelson.server.watch;

import io.keelson.host.json.Json;
import io.keelson.server.config.Configuration;
import io.keelson.server.log.LoggingConfigurator;
import io.keelson.server.rpc.NodeClient;
import io.keelson.server.rpc.NodeClient.Event;
import io.keelson.server.text.Ink;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson events}: a line for each thing that happens to pods and containers, until the daemon ends. */
@Command(name = "events", description = "Tell what happens to pods and containers from now on, a line each.")
public final class EventsCommand implements Callable<Integer> {
    private static final int SHORT_ID = 12;

    private final Supplier<Configuration> configuration;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    @Option(names = "--json", description = "Each line is a JSON object.")
    private boolean json;

    public EventsCommand(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    @Override
    public Integer call() {
        LoggingConfigurator.setLevel("error");
        var out = spec.commandLine().getOut();
        var ink = Ink.ofStdout();
        try (var node = new NodeClient(configuration.get().server().socket())) {
            node.follow(event -> {
                out.println(json ? json(event) : line(event, ink));
                out.flush();
            });
        }
        return 0;
    }

    static String line(Event event, Ink ink) {
        var what = String.format(Locale.ROOT, "%-7s", event.what());
        return (event.at().truncatedTo(ChronoUnit.MILLIS)
                        + "  "
                        + (event.detail().isEmpty() || event.detail().startsWith("exit code 0,") ? what : ink.bad(what))
                        + "  " + (event.isOfPod() ? "pod      " : "container")
                        + "  "
                        + event.id().substring(0, Math.min(SHORT_ID, event.id().length()))
                        + "  " + event.pod()
                        + (event.container().isEmpty() ? "" : " " + event.container())
                        + (event.detail().isEmpty() ? "" : ": " + event.detail()))
                .stripTrailing();
    }

    static String json(Event event) {
        var json = Json.object()
                .put("at", event.at().toString())
                .put("what", event.what())
                .put("kind", event.isOfPod() ? "pod" : "container")
                .put("id", event.id())
                .put("pod", event.pod())
                .put("container", event.container())
                .put("detail", event.detail())
                .build();
        return new String(json.toBytes(), StandardCharsets.UTF_8);
    }
}
