package io.keelson.server.images;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the commands on images of those who come while the daemon has the images. A command whose caller leaves is interrupted. */
public final class CommandServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CommandServer.class);
    /** Commands at the same time. */
    private static final int MAX_COMMANDS = 16;

    private static final String ARGUMENTS = "arguments";
    private static final String DIRECTORY = "directory";

    private final Path socket;
    private final ServerSocketChannel server;
    private final ImageTools images;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore places = new Semaphore(MAX_COMMANDS);

    private CommandServer(Path socket, ServerSocketChannel server, ImageTools images) {
        this.socket = socket;
        this.server = server;
        this.images = images;
    }

    /** @param state the daemon's, which is locked */
    public static CommandServer start(Path state, ImageTools images) {
        try {
            var started = new CommandServer(state.resolve(CommandSocket.NAME), CommandSocket.listen(state), images);
            started.threads.execute(started::accept);
            return started;
        } catch (IOException e) {
            throw DurableFiles.failed("listen on", state.resolve(CommandSocket.NAME), e);
        }
    }

    static byte[] request(Iterable<String> arguments, Path directory) {
        return Json.object()
                .putTexts(ARGUMENTS, arguments)
                .put(DIRECTORY, directory.toString())
                .build()
                .toBytes();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                var caller = server.accept();
                threads.execute(() -> serve(caller));
            } catch (IOException e) {
                if (server.isOpen()) {
                    log.atWarn()
                            .addKeyValue("event", "command-refused")
                            .log("cannot accept a command: {}", e.toString());
                }
            }
        }
    }

    private void serve(SocketChannel caller) {
        try (caller;
                var from = new DataInputStream(Channels.newInputStream(caller));
                var to = new DataOutputStream(Channels.newOutputStream(caller))) {
            var request = Json.parseObject(Frames.read(from));
            Frames.exit(to, run(request, from, to));
        } catch (IOException | Failure e) {
            log.atDebug().addKeyValue("event", "command-ended").log("a command's caller has gone: {}", e.toString());
        }
    }

    private int run(Json.Obj request, DataInputStream from, DataOutputStream to) {
        if (!places.tryAcquire()) {
            writer(to, Frames.ERR).println("keelson: more than " + MAX_COMMANDS + " commands at once");
            return 1;
        }
        try {
            var line = ImageCommand.line(
                    ImageDoor.to(images),
                    Path.of(request.text(DIRECTORY)),
                    writer(to, Frames.OUT),
                    writer(to, Frames.ERR));
            var worker = Thread.currentThread();
            // It ends when the channel is closed. An interrupt would close it, before the exit status is through.
            threads.execute(() -> awaitEnd(from, worker));
            return line.execute(request.texts(ARGUMENTS).toArray(String[]::new));
        } finally {
            places.release();
        }
    }

    /** The caller says nothing more; the end of what it says is its own end. */
    private static void awaitEnd(DataInputStream from, Thread worker) {
        try {
            if (from.read() < 0) {
                worker.interrupt();
            }
        } catch (IOException e) {
            // The command has ended first.
        }
    }

    private static PrintWriter writer(DataOutputStream to, int kind) {
        return new PrintWriter(new OutputStreamWriter(Frames.stream(to, kind), StandardCharsets.UTF_8), true);
    }

    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("event", "close-failed")
                    .log("cannot close the socket for commands: {}", e.toString());
        }
        threads.shutdownNow();
        threads.close();
    }
}
