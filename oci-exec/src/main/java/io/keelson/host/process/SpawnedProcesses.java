package io.keelson.host.process;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.BlockingCalls;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Spawn;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link Processes} by posix_spawn(3) and pidfds. */
public final class SpawnedProcesses implements Processes {
    private static final Path ROOT = Path.of("/");
    private static final Path NULL_DEVICE = Path.of("/dev/null");

    @Override
    public Finished run(Command command) {
        try (var stdin = Descriptors.pipe();
                var stdout = Descriptors.pipe();
                var stderr = Descriptors.pipe()) {
            var spawned = spawn(new Spawn.Program(
                    command.arguments(),
                    command.environment(),
                    command.directory(),
                    Map.of(0, stdin.readEnd(), 1, stdout.writeEnd(), 2, stderr.writeEnd()),
                    true));
            stdin.readEnd().close();
            stdout.writeEnd().close();
            stderr.writeEnd().close();
            try (var conversation =
                    new Conversation(command, spawned, stdin.writeEnd(), stdout.readEnd(), stderr.readEnd())) {
                var finished = BlockingCalls.call(conversation::run, conversation::cancel);
                if (conversation.isCancelled()) {
                    throw new Failure(
                            Failure.Kind.CANCELLED,
                            "interrupted while running " + command.arguments().getFirst());
                }
                return finished;
            }
        }
    }

    @Override
    public Child start(
            List<String> arguments, Map<String, String> environment, Path directory, Map<Integer, Fd> descriptors) {
        try (var nothing = Descriptors.open(NULL_DEVICE, Descriptors.O_RDWR, 0)) {
            var all = new HashMap<Integer, Fd>();
            for (var standard = 0; standard <= 2; standard++) {
                all.put(standard, nothing);
            }
            all.putAll(descriptors);
            return new Child(spawn(new Spawn.Program(arguments, environment, Optional.of(directory), all, false)));
        }
    }

    @Override
    public Child startOn(
            Path terminal, List<String> arguments, Map<String, String> environment, Map<Integer, Fd> descriptors) {
        return new Child(spawn(new Spawn.Program(
                arguments, environment, Optional.of(ROOT), descriptors, false, Optional.of(terminal))));
    }

    private static Spawn.Spawned spawn(Spawn.Program program) {
        try {
            return Spawn.spawn(program);
        } catch (LinuxException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "cannot start " + program.arguments().getFirst() + ": " + e.getMessage(),
                    e);
        }
    }
}
