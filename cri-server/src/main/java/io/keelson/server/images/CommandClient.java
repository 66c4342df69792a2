package io.keelson.server.images;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.host.failure.Failure;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.pod.container.ContainerLayers;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.server.config.Configuration;
import io.keelson.server.log.LoggingConfigurator;
import io.keelson.server.text.ProgressLine;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The door of a command at a terminal. Who has the lock of the root directory has the images: a daemon that runs is asked to do it, and
 * without one the lock is taken for as long as the command runs (decision 0024).
 */
public final class CommandClient implements ImageDoor {
    private static final String CONFIG = "--config";

    /** Commands that show how far they are. */
    private static final Set<String> SHOWN = Set.of("pull", "import", "verify");

    private final Supplier<Configuration> configuration;

    public CommandClient(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    /** For the command line of the program. */
    public static ImageCommand command(Supplier<Configuration> configuration) {
        return new ImageCommand(new CommandClient(configuration));
    }

    @Override
    public int enter(CommandSpec command, Work work) {
        var settings = configuration.get();
        var state = settings.storage().state();
        var daemon = CommandSocket.connect(state);
        if (daemon.isPresent()) {
            return ask(daemon.get(), command);
        }
        var root = settings.storage().root();
        if (!Files.isDirectory(root)) {
            throw Failure.absent("there are no images: " + root + " does not exist");
        }
        LoggingConfigurator.setLevel("error");
        try (var _ = lock(root);
                var _ = lock(state);
                var parts = new ImageParts(settings)) {
            var paths = new ContainerPaths(root, state);
            var tools = parts.tools(() -> ContainerLayers.onDisk(paths), new RootFilesystems(state.resolve("layers")));
            return work.run(tools, command.commandLine().getOut());
        }
    }

    @Override
    public boolean isAtTerminal() {
        return ProgressLine.isPossible();
    }

    private static DirectoryLock lock(Path directory) {
        try {
            return DirectoryLock.acquire(directory);
        } catch (Failure e) {
            throw new Failure(
                    e.kind(), e.getMessage() + ", and it does not answer (yet) at its socket for commands", e);
        }
    }

    private int ask(SocketChannel daemon, CommandSpec command) {
        var line = command.commandLine();
        var arguments = arguments(line.getParseResult().originalArgs());
        if (isAtTerminal() && SHOWN.contains(arguments.getFirst())) {
            arguments.add(1, ImageCommand.PROGRESS);
        }
        try (daemon;
                var to = new DataOutputStream(Channels.newOutputStream(daemon));
                var from = new DataInputStream(Channels.newInputStream(daemon))) {
            var request = CommandServer.request(arguments, Path.of("").toAbsolutePath());
            to.writeInt(request.length);
            to.write(request);
            to.flush();
            while (true) {
                var kind = from.readByte();
                var bytes = Frames.read(from);
                if (kind == Frames.EXIT) {
                    return bytes[0];
                }
                var text = new String(bytes, StandardCharsets.UTF_8);
                var writer = kind == Frames.OUT ? line.getOut() : line.getErr();
                writer.print(text);
                writer.flush();
            }
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE, "the daemon ended before the command did; what it had done is done", e);
        }
    }

    /** What follows {@code image}; the configuration is the daemon's. */
    static List<String> arguments(List<String> original) {
        var arguments = new ArrayList<String>();
        for (var at = original.indexOf("image") + 1; at < original.size(); at++) {
            var argument = original.get(at);
            if (argument.equals(CONFIG)) {
                at++;
            } else if (!argument.startsWith(CONFIG + "=")) {
                arguments.add(argument);
            }
        }
        return arguments;
    }
}
