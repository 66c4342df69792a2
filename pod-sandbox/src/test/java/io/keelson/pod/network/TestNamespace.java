package io.keelson.pod.network;

import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Loopback;
import io.keelson.host.linux.Mounts;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** A network namespace with its loopback up, pinned by a bind mount in a directory of the test. Root only. */
final class TestNamespace implements AutoCloseable {
    final Path path;

    TestNamespace(Path path) throws IOException {
        this.path = Files.createFile(path);
        PlatformThread.run("namespace", () -> {
            Namespaces.unshare(Namespaces.CLONE_NEWNET);
            Loopback.up();
            Mounts.bind(Path.of("/proc/thread-self/ns/net"), path);
        });
    }

    /** Does it on a thread inside. */
    <T> T call(Callable<T> work) {
        return PlatformThread.call("inside", () -> {
            try (var namespace = Descriptors.open(path, Descriptors.O_RDONLY | Descriptors.O_CLOEXEC, 0)) {
                Namespaces.setns(namespace, Namespaces.CLONE_NEWNET);
            }
            return work.call();
        });
    }

    void run(Runnable work) {
        var _ = call(() -> {
            work.run();
            return true;
        });
    }

    /** Runs a program inside, which must succeed, and returns what it printed. */
    String execute(String... arguments) {
        return call(() -> {
            var finished = new SpawnedProcesses().run(Command.of(arguments));
            if (!finished.isSuccess()) {
                throw new AssertionError(String.join(" ", arguments) + ": " + finished.complaint());
            }
            return new String(finished.stdout(), StandardCharsets.UTF_8);
        });
    }

    @Override
    public void close() {
        var _ = Mounts.unmountAll(path);
        path.toFile().delete();
    }
}
