package io.keelson.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A node for one test: the packaged daemon on roots and a socket of its own below a temporary directory, and crictl to talk to
 * it. The system properties {@code keelson.home} and {@code keelson.crictl} say where the programs are; e2e/check sets them.
 */
final class Node implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(10);

    /** What a program said, and how it ended. */
    record Said(int exitCode, String stdout, String stderr) {}

    private final Path directory;
    private final Path log;
    private Process daemon;

    private Node(Path directory) throws IOException {
        this.directory = directory;
        log = directory.resolve("daemon.log");
        Files.writeString(
                configuration(), """
                [server]
                socket = "%s"
                [storage]
                root = "%s"
                state = "%s"
                [network]
                configuration_directories = ["%s"]
                """.formatted(socket(), root(), directory.resolve("state"), directory.resolve("cni")));
        daemon = launch();
    }

    /** Starts the daemon and waits until it answers. */
    static Node start(Path directory) throws IOException {
        var node = new Node(directory);
        node.awaitAnswer();
        return node;
    }

    Path socket() {
        return directory.resolve("keelson.sock");
    }

    Path root() {
        return directory.resolve("root");
    }

    Path configuration() {
        return directory.resolve("keelson.toml");
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** SIGKILL, and the same daemon again. */
    void killAndRestart() throws IOException {
        daemon.destroyForcibly().onExit().join();
        daemon = launch();
        awaitAnswer();
    }

    /** SIGTERM; how long the daemon took to end. Fails beyond its promise of ten seconds. */
    Duration terminate() throws InterruptedException {
        var begin = System.nanoTime();
        daemon.destroy();
        if (!daemon.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the daemon did not end within " + STOP);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** A second daemon with the same configuration, run until it ends by itself. */
    Said startAnother() throws IOException, InterruptedException {
        return run(List.of(program("bin/keelson"), "--config=" + configuration()));
    }

    Said crictl(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(required("keelson.crictl"));
        command.add("--config=" + Files.writeString(directory.resolve("crictl.yaml"), "timeout: 20\n"));
        command.add("--runtime-endpoint=unix://" + socket());
        command.add("--image-endpoint=unix://" + socket());
        command.addAll(List.of(arguments));
        return run(command);
    }

    private Said run(List<String> command) throws IOException, InterruptedException {
        var stdout = Files.createTempFile(directory, "said", ".out");
        var stderr = Files.createTempFile(directory, "said", ".err");
        var process = new ProcessBuilder(command)
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running after a minute: " + command);
        }
        return new Said(process.exitValue(), Files.readString(stdout), Files.readString(stderr));
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(program("bin/keelson"), "--config=" + configuration())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void awaitAnswer() {
        await().atMost(START).pollInterval(Duration.ofMillis(100)).until(() -> {
            if (!daemon.isAlive()) {
                throw new AssertionError("the daemon ended: " + log());
            }
            return Files.exists(socket()) && crictl("version").exitCode() == 0;
        });
    }

    private static String program(String name) {
        return Path.of(required("keelson.home")).resolve(name).toString();
    }

    private static String required(String property) {
        var value = System.getProperty(property, "");
        if (value.isEmpty()) {
            throw new IllegalStateException("-D" + property + " is not set: run e2e/check");
        }
        return value;
    }

    @Override
    public void close() {
        daemon.destroyForcibly().onExit().join();
    }
}
