package io.keelson.e2e.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a free port of loopback, with its storage and log below one directory. */
public final class RegistryServer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);

    private final Path log;
    private final int port;
    private final Process process;

    private RegistryServer(Path log, int port, Process process) {
        this.log = log;
        this.port = port;
        this.process = process;
    }

    /** Starts it and waits until it takes connections. */
    public static RegistryServer start(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        var port = freePort();
        var configuration =
                Files.writeString(directory.resolve("registry.yml"), """
                version: 0.1
                log: { level: warn }
                storage: { filesystem: { rootdirectory: "%s" }, delete: { enabled: true } }
                http: { addr: "127.0.0.1:%d" }
                """.formatted(directory.resolve("blobs"), port));
        var log = directory.resolve("registry.log");
        var process = new ProcessBuilder("docker-registry", "serve", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var server = new RegistryServer(log, port, process);
        server.awaitConnection();
        return server;
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** The access log: a line for each request that has been answered. */
    public List<String> requests() throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("\"GET ") || line.contains("\"HEAD "))
                    .toList();
        }
    }

    private void awaitConnection() throws IOException, InterruptedException {
        var deadline = System.nanoTime() + START.toNanos();
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    close();
                    throw new IOException(
                            "docker-registry does not answer on " + address() + ": " + Files.readString(log), e);
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
