package io.keelson.server.explain;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.ImageConfig;
import io.keelson.image.ImagesOnDisk;
import io.keelson.pod.container.Container;
import io.keelson.server.text.Ink;
import io.keelson.server.text.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A container: how it is, how its start went, and where each field of its configuration comes from. */
final class ContainerExplanation {
    private final Path root;
    private final Stories stories;
    private final List<Path> hooks;
    private final PrintWriter out;
    private final Ink ink;

    ContainerExplanation(Path root, Stories stories, List<Path> hooks, PrintWriter out, Ink ink) {
        this.root = root;
        this.stories = stories;
        this.hooks = hooks;
        this.out = out;
        this.ink = ink;
    }

    void print(Json.Obj container, Json.Obj pod) {
        out.println(ink.strong("container " + container.text("name") + " ("
                        + container.text("id").substring(0, Names.SHORT) + ")")
                + " of pod " + PodExplanation.title(pod) + " " + Endings.of(container));
        var explanation = new PodExplanation(root, out, ink);
        if (pod.has("createdAt")) {
            explanation.waterfall(pod).print(out, ink);
        }
        if (Advice.of(container).isPresent()) {
            explanation.trouble(container);
        }
        stories.container(container.text("id"))
                .ifPresentOrElse(this::sources, () -> out.println("its configuration went when it was removed"));
    }

    private void sources(Container container) {
        var spec = spec(stories.spec(container));
        if (spec.isEmpty()) {
            out.println("its configuration went with the last boot");
            return;
        }
        var image = ImagesOnDisk.config(root, container.image().id());
        var table = new Table("FIELD", "VALUE", "FROM");
        sources(spec.get(), container, image).forEach(each -> table.row(each.pointer(), each.shown(), each.from()));
        table.print(out);
    }

    private List<SpecSources.Source> sources(Json.Obj spec, Container container, Optional<ImageConfig> image) {
        return new SpecSources(container.config(), image, HookPrograms.in(hooks)).of(spec);
    }

    private static Optional<Json.Obj> spec(Path file) {
        try {
            return Files.exists(file) ? Optional.of(Json.parseObject(Files.readAllBytes(file))) : Optional.empty();
        } catch (IOException e) {
            throw Failure.internal("cannot read " + file, e);
        }
    }
}
