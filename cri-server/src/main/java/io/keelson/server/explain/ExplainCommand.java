package io.keelson.server.explain;

import io.keelson.host.json.Json;
import io.keelson.server.config.Configuration;
import io.keelson.server.text.Ink;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keelson explain}: of pods and containers, those that are here and the last that were. */
@Command(
        name = "explain",
        description = "Say what happened to a pod, a container or an image, how long each step took, and why it ended.",
        synopsisSubcommandLabel = "COMMAND")
public final class ExplainCommand {
    /** Where {@code keelson image explain} is. */
    public interface Images {
        int explain(String name, PrintWriter out, PrintWriter err);
    }

    private final Supplier<Configuration> configuration;
    private final Images images;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    public ExplainCommand(Supplier<Configuration> configuration, Images images) {
        this.configuration = configuration;
        this.images = images;
    }

    @Command(name = "pod", description = "A pod by its id, the beginning of it, or namespace/name.")
    int pod(
            @Parameters(paramLabel = "POD") String asked,
            @Option(names = "--json", description = "All that is known, for programs.") boolean json) {
        var pod = Names.find("pod", asked, stories().all(), each -> each.text("id"), ExplainCommand::fullName);
        if (json) {
            print(pod);
        } else {
            new PodExplanation(configuration.get().storage().root(), out(), Ink.ofStdout()).print(pod);
        }
        return 0;
    }

    @Command(name = "container", description = "A container by its id, the beginning of it, or its name.")
    int container(
            @Parameters(paramLabel = "CONTAINER") String asked,
            @Option(names = "--json", description = "All that is known, for programs.") boolean json) {
        var settings = configuration.get();
        var stories = stories();
        var pods = stories.podsByContainer();
        var container = Names.find(
                "container",
                asked,
                pods.keySet().stream().toList(),
                each -> each.text("id"),
                each -> each.text("name"));
        if (json) {
            print(container);
            return 0;
        }
        new ContainerExplanation(
                        settings.storage().root(),
                        stories,
                        settings.containers().hookDirectories(),
                        out(),
                        Ink.ofStdout())
                .print(container, pods.getOrDefault(container, Json.object().build()));
        return 0;
    }

    @Command(name = "image", description = "How an image was pulled: the same as keelson image explain.")
    int image(@Parameters(paramLabel = "IMAGE") String name) {
        return images.explain(name, out(), spec.commandLine().getErr());
    }

    private static String fullName(Json.Obj pod) {
        return pod.textOrEmpty("namespace") + "/" + pod.textOrEmpty("name");
    }

    private void print(Json.Obj story) {
        out().println(new String(story.toBytes(), StandardCharsets.UTF_8));
    }

    private Stories stories() {
        var storage = configuration.get().storage();
        return new Stories(storage.root(), storage.state());
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
