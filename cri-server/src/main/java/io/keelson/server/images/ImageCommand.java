package io.keelson.server.images;

import io.keelson.host.failure.Failure;
import io.keelson.image.ImageExporter.Format;
import io.keelson.image.ImageId;
import io.keelson.image.ImagePuller;
import io.keelson.image.PullRequest;
import io.keelson.image.layer.Advance;
import io.keelson.image.reference.ImageReference;
import io.keelson.server.text.ProgressBar;
import io.keelson.server.text.ProgressLine;
import io.keelson.server.text.Sizes;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keelson image}: a method for each verb. Each says what is to be done, and the door where. */
@Command(
        name = "image",
        description = "Work on images: by the running daemon, or without one.",
        synopsisSubcommandLabel = "COMMAND")
public final class ImageCommand {
    /** Between a terminal and the daemon that does not see it. */
    static final String PROGRESS = "--progress";

    private static final String HOW_FAR = "Say how far it is, in a line that changes; as at a terminal.";

    private final ImageDoor door;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command is called
    private CommandSpec spec;

    /** Where the caller is; paths are relative to it. */
    private final Path directory;

    private ImageCommand(ImageDoor door, Path directory) {
        this.door = door;
        this.directory = directory;
    }

    ImageCommand(ImageDoor door) {
        this(door, Path.of("").toAbsolutePath());
    }

    /** For who has the images and runs the command for somebody else. */
    static CommandLine line(ImageDoor door, Path directory, PrintWriter out, PrintWriter err) {
        return new CommandLine(new ImageCommand(door, directory))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler((e, failed, parsed) -> {
                    if (e instanceof Failure failure) {
                        failed.getErr().println("keelson: " + failure.getMessage());
                        return 1;
                    }
                    throw e;
                });
    }

    @Command(name = "pull", description = "Bring an image from its registry, and print its id.")
    int pull(
            @Parameters(paramLabel = "REFERENCE") String reference,
            @Option(names = PROGRESS, hidden = true, description = HOW_FAR) boolean progress) {
        var err = spec.commandLine().getErr();
        return door.enter(spec, (images, out) -> {
            var puller = images.puller();
            var isShown = progress || door.isAtTerminal();
            // The line is gone before the id is printed.
            out.println(pulled(
                    puller, reference, new ProgressLine(err, () -> PullBar.of(puller.running(reference))), isShown));
            return 0;
        });
    }

    private static ImageId pulled(ImagePuller puller, String reference, ProgressLine progress, boolean isShown) {
        try (progress) {
            if (isShown) {
                progress.show();
            }
            return puller.pull(PullRequest.anonymous(reference));
        }
    }

    private ProgressLine line(Advance advance, boolean progress, PrintWriter err) {
        var line = new ProgressLine(err, () -> ProgressBar.ofBytes(advance.done(), advance.all()));
        if (progress || door.isAtTerminal()) {
            line.show();
        }
        return line;
    }

    @Command(name = "push", description = "Send an image to a registry, and print the digest that it has there.")
    int push(
            @Parameters(paramLabel = "IMAGE") String name,
            @Parameters(paramLabel = "REFERENCE", arity = "0..1", description = "Where to; else by its own name.")
                    String target) {
        return door.enter(spec, (images, out) -> {
            var reference = ImageReference.parse(target == null ? name : target);
            out.println(images.push().push(name, reference).digest());
            return 0;
        });
    }

    @Command(name = "ls", description = "List images.")
    int list(
            @Option(
                            names = {"-q", "--quiet"},
                            description = "Only ids.")
                    boolean quiet) {
        return door.enter(spec, (images, out) -> {
            ImageTable.print(images.catalog().list(), quiet, out);
            return 0;
        });
    }

    @Command(name = "inspect", description = "Print all that is known of an image, as JSON.")
    int inspect(@Parameters(paramLabel = "IMAGE") String name) {
        return door.enter(spec, (images, out) -> {
            var image = images.catalog().get(name);
            out.println(new String(ImageDetails.of(images.catalog(), image).toBytes(), StandardCharsets.UTF_8));
            return 0;
        });
    }

    @Command(name = "rm", description = "Remove images with all their names; one that is not there is no failure.")
    int remove(@Parameters(paramLabel = "IMAGE", arity = "1..*") List<String> names) {
        return door.enter(spec, (images, out) -> {
            names.forEach(images.remover()::remove);
            return 0;
        });
    }

    @Command(name = "tag", description = "Give an image one more name.")
    int tag(@Parameters(paramLabel = "IMAGE") String name, @Parameters(paramLabel = "NAME") String added) {
        return door.enter(spec, (images, out) -> {
            images.catalog().tag(name, ImageReference.parse(added));
            return 0;
        });
    }

    @Command(
            name = "gc",
            description =
                    "Remove layers that nothing needs, and with --images images that no container uses and none pins.")
    int collect(@Option(names = "--images", description = "Images as well.") boolean alsoImages) {
        return door.enter(spec, (images, out) -> {
            var before = images.layers().usedBytes();
            if (alsoImages) {
                images.remover().removeUnusedImages().stream()
                        .map(ImageId::toString)
                        .forEach(out::println);
            }
            images.remover().removeAllUnusedLayers();
            out.println(Sizes.text(before - images.layers().usedBytes()) + " freed");
            return 0;
        });
    }

    @Command(
            name = "import",
            description =
                    "Take images from an OCI image layout, as a directory or a tar, or from what docker save writes.")
    int importFrom(
            @Parameters(paramLabel = "PATH") String path,
            @Option(names = "--name", paramLabel = "NAME", description = "For the only image of the archive.")
                    String name,
            @Option(names = PROGRESS, hidden = true, description = HOW_FAR) boolean progress) {
        var err = spec.commandLine().getErr();
        return door.enter(spec, (images, out) -> {
            var advance = new Advance();
            List<ImageId> ids;
            try (var _ = line(advance, progress, err)) {
                ids = images.importer()
                        .importFrom(
                                directory.resolve(path),
                                Optional.ofNullable(name).map(ImageReference::parse),
                                advance);
            }
            ids.forEach(out::println);
            return 0;
        });
    }

    @Command(
            name = "export",
            description = "Write an image for other tools: as an OCI image layout or as docker save does.")
    int export(
            @Parameters(paramLabel = "IMAGE") String name,
            @Parameters(paramLabel = "PATH", description = "Does not exist yet.") String path,
            @Option(
                            names = "--format",
                            paramLabel = "FORMAT",
                            defaultValue = "oci",
                            description = "oci (a tar, the default), directory, or docker.")
                    Format format) {
        return door.enter(spec, (images, out) -> {
            images.exporter().export(name, directory.resolve(path), format);
            return 0;
        });
    }

    @Command(
            name = "verify",
            description =
                    "Compare what is on disk with what was written, and bring again what is damaged; without an image, everything.")
    int verify(
            @Parameters(paramLabel = "IMAGE", arity = "0..1", defaultValue = "") String name,
            @Option(
                            names = {"-q", "--quiet"},
                            description = "Only what is damaged.")
                    boolean quiet,
            @Option(names = PROGRESS, hidden = true, description = HOW_FAR) boolean progress) {
        var err = spec.commandLine().getErr();
        return door.enter(spec, (images, out) -> {
            var advance = new Advance();
            try (var line = line(advance, progress, err)) {
                return new Verification(images, advance, line, quiet, out).run(name);
            }
        });
    }

    @Command(
            name = "explain",
            description =
                    "Say where the time of the last pull went, or how far a running one is; without an image, all that run.")
    int explain(@Parameters(paramLabel = "IMAGE", arity = "0..1", defaultValue = "") String name) {
        return door.enter(spec, (images, out) -> Explanation.print(images, name, out));
    }
}
