package io.keelson.server.doctor;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.server.config.Configuration;
import io.keelson.server.rpc.Health;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the daemon runs and answers, and whether nobody else gets at what it has. */
final class DaemonLook {
    private static final Set<PosixFilePermission> OF_OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);

    private final Configuration configuration;
    private final Optional<Long> pid;

    DaemonLook(Configuration configuration) {
        this.configuration = configuration;
        pid = DirectoryLock.holder(configuration.storage().root());
    }

    boolean isRunning() {
        return pid.isPresent();
    }

    /** The daemon in proc(5), or without one ourselves. */
    Path process() {
        return Path.of("/proc", pid.map(Object::toString).orElse("self"));
    }

    Finding answer() {
        var socket = configuration.server().socket();
        if (pid.isEmpty()) {
            return Finding.ok(
                    "daemon",
                    "does not run; nobody has " + configuration.storage().root());
        }
        try (var health = new Health(socket)) {
            return Finding.failing(
                    "daemon",
                    health.healthz(),
                    "process " + pid.get() + " answers on " + socket,
                    "process " + pid.get() + " has the directories and does not answer on " + socket
                            + ": look at its log, and restart it; containers go on meanwhile");
        }
    }

    /** A root user of a user namespace may pass through by an access control list, which the kernel counts to the group. */
    Finding directories() {
        var open = new ArrayList<String>();
        for (var directory :
                List.of(configuration.storage().root(), configuration.storage().state())) {
            if (Files.isDirectory(directory) && !Files.isSymbolicLink(directory) && isOpen(directory)) {
                open.add(directory.toString());
            }
        }
        if (Files.exists(configuration.server().socket())
                && isOpen(configuration.server().socket())) {
            open.add(configuration.server().socket().toString());
        }
        return Finding.failing(
                "directories",
                open.isEmpty() ? Optional.empty() : Optional.of("open to every user: " + String.join(", ", open)),
                "closed to other users",
                "chmod o-rwx " + String.join(" ", open) + ", and find out who opened it");
    }

    private static boolean isOpen(Path path) {
        try {
            return Files.getPosixFilePermissions(path).stream().anyMatch(OF_OTHERS::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
