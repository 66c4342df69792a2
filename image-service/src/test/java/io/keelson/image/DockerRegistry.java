package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The distribution project's own registry, as Debian packages it (docker-registry), on loopback. */
final class DockerRegistry implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

    private final Process process;
    private final String host;
    private final Path log;

    private DockerRegistry(Process process, String host, Path log) {
        this.process = process;
        this.host = host;
        this.log = log;
    }

    static boolean isInstalled() {
        return Files.exists(PROGRAM);
    }

    /**
     * @param httpExtra lines of its configuration's table {@code http}
     * @param more further tables
     */
    static DockerRegistry start(Path directory, String httpExtra, String more) throws Exception {
        String host;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            host = "127.0.0.1:" + free.getLocalPort();
        }
        var config = directory.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: %s
                %s%s""".formatted(directory.resolve("registry"), host, httpExtra, more));
        var log = directory.resolve("registry.log");
        var process = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        var registry = new DockerRegistry(process, host, log);
        registry.awaitListening();
        return registry;
    }

    private void awaitListening() throws InterruptedException, IOException {
        var port = Integer.parseInt(host.substring(host.indexOf(':') + 1));
        while (process.isAlive()) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError("docker-registry has ended: " + Files.readString(log));
    }

    String host() {
        return host;
    }

    /** What it was asked, a line each, among other things. */
    String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        process.destroy();
        assertThat(process.onExit().orTimeout(20, TimeUnit.SECONDS).join().isAlive())
                .isFalse();
    }
}
