package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.process.ProcessIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has runc's exec end when its command does. runc copies the command's output itself, and goes on for as long as anything that the
 * command left behind holds it open; so that is ended a while after the command. And runc listens for its command's end on a thread
 * that it starts beside the command: of one that ends sooner it never hears, and is told again.
 */
final class ExecLeftovers implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Logger log = LoggerFactory.getLogger(ExecLeftovers.class);

    private final Path pidFile;
    private final Thread thread;

    /**
     * @param pidFile which the runtime writes once the command runs
     * @param drain how long after the command's end its output may stay open
     */
    ExecLeftovers(Path pidFile, Duration drain, Runnable kill) {
        this.pidFile = pidFile;
        thread = Thread.ofVirtual().name("exec-leftovers").start(() -> follow(drain, kill));
    }

    /** A name for such a file, in the runtime's directory of the container: it goes with that, if not before. */
    static Path pidFile(RuntimeHandler handler, String container) {
        return handler.root().resolve(container).resolve("exec-" + UUID.randomUUID() + ".pid");
    }

    private void follow(Duration drain, Runnable kill) {
        try {
            var command = awaitCommand();
            awaitEnd(command);
            Thread.sleep(drain);
            kill.run();
            while (command.isPresent() && command.get().announceEnd()) {
                Thread.sleep(drain);
            }
        } catch (InterruptedException e) {
            // Closed: the runtime has ended, as it does at once if nothing is left.
            return;
        } catch (IOException | Failure e) {
            if (!Thread.interrupted()) {
                log.atWarn()
                        .addKeyValue("event", "exec-not-followed")
                        .log("cannot follow the end of a command: {}", e.getMessage());
            }
        }
    }

    /** Absent if it has ended and its exit status has been taken. */
    private Optional<ProcessIdentity> awaitCommand() throws InterruptedException, IOException {
        while (!Files.exists(pidFile)) {
            Thread.sleep(LOOK);
        }
        return ProcessIdentity.of(Long.parseLong(
                Files.readString(pidFile, StandardCharsets.US_ASCII).strip()));
    }

    private static void awaitEnd(Optional<ProcessIdentity> command) {
        command.flatMap(ProcessIdentity::open).ifPresent(pidfd -> {
            try (pidfd) {
                pidfd.awaitExit(Deadline.in(ExecRequest.UNLIMITED));
            }
        });
    }

    /** A kill that is under way is waited for. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
            Files.deleteIfExists(pidFile);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.atDebug().addKeyValue("event", "pid-file-left").log("cannot remove {}: {}", pidFile, e.getMessage());
        }
    }
}
