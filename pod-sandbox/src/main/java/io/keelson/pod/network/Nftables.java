package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.LibNftables;
import io.keelson.host.process.Command;
import io.keelson.host.process.Processes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@link PacketFilter} through libnftables, or where that is not installed through the program nft(8). */
final class Nftables implements PacketFilter {
    private static final List<Path> PROGRAMS = List.of(Path.of("/usr/sbin/nft"), Path.of("/sbin/nft"));
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private static final String MISSING =
            "host ports need nftables: neither libnftables.so.1 nor the program nft is installed";

    private final Processes processes;

    Nftables(Processes processes) {
        this.processes = processes;
    }

    /** Why nothing can be told to the kernel; absent if something can. */
    static Optional<String> trouble() {
        return LibNftables.isAvailable() || program().isPresent() ? Optional.empty() : Optional.of(MISSING);
    }

    private static Optional<Path> program() {
        return PROGRAMS.stream().filter(Files::isExecutable).findFirst();
    }

    @Override
    public void run(String commands) {
        if (LibNftables.isAvailable()) {
            var _ = LibNftables.run(commands);
        } else {
            runProgram(commands);
        }
    }

    /** As {@link #run}, never through the library. */
    void runProgram(String commands) {
        var program = program().orElseThrow(() -> Failure.unavailable(MISSING));
        var finished = processes.run(Command.of(program.toString(), "-f", "-")
                .withStdin(commands.getBytes(StandardCharsets.UTF_8))
                .within(DEADLINE));
        if (!finished.isSuccess()) {
            throw Failure.unavailable("nftables: "
                    + (finished.timedOut() ? "no answer within " + DEADLINE.toSeconds() + " s" : finished.complaint()));
        }
    }
}
