package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An ext4 on a disk that fails, or hangs, when it is told to. Who waits for it meanwhile cannot be killed (state D of proc(5)), until
 * it works again or this is closed. It ends with the tests, however they end: its server reads from them.
 */
final class FaultyDisk implements Closeable {
    /** What the disk does with requests of the kernel. */
    enum Behaviour {
        WORKS,
        /** What is asked for meanwhile is answered when it works again. */
        HANGS,
        TAKES_NO_WRITES,
        FAILS
    }

    private static final int FRAGMENT_BYTES = 1024;

    /** A line of filefrag(8): its number, from where to where in the file, and from where to where on the disk. */
    private static final Pattern FRAGMENT = Pattern.compile("(?m)^ *\\d+: +\\d+\\.\\. *\\d+: +(\\d+)\\.\\. *(\\d+):");

    private final Path directory;
    private final SmallDisk disk;
    private final Process server;

    private FaultyDisk(Path directory, SmallDisk disk, Process server) {
        this.directory = directory;
        this.disk = disk;
        this.server = server;
    }

    /** Mounts a new one, whose own files are {@code parent/name.*}. */
    static FaultyDisk mount(Path parent, String name, Path root) throws IOException, InterruptedException {
        var content = parent.resolve(name + ".content");
        var directory = Files.createDirectories(parent.resolve(name + ".disk"));
        SmallDisk.make(content);
        var server = serve(content, directory);
        try {
            var disk = SmallDisk.mount(directory.resolve("disk"), Files.createDirectories(root));
            return new FaultyDisk(directory, disk, server);
        } catch (IOException | InterruptedException | AssertionError e) {
            end(server, directory);
            throw e;
        }
    }

    private static Process serve(Path content, Path directory) throws IOException {
        var server = new ProcessBuilder("python3", "-c", program(), content.toString(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        await("mounted", server);
        return server;
    }

    private static String program() throws IOException {
        try (InputStream program = FaultyDisk.class.getResourceAsStream("/faulty-disk.py")) {
            if (program == null) {
                throw new IOException("the disk's program is missing among the resources");
            }
            return new String(program.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void await(String word, Process server) throws IOException {
        var said = server.inputReader(StandardCharsets.UTF_8).readLine();
        if (!word.equals(said)) {
            throw new IOException("the disk's server said " + said + " and not " + word);
        }
    }

    Path root() {
        return disk.root();
    }

    /** From when this returns. */
    void set(Behaviour behaviour) throws IOException {
        tell(behaviour.name().toLowerCase(Locale.ROOT).replace('_', '-'), "");
    }

    /** All works but reading what is in these files, from when this returns. What of them is still to be written is written before. */
    void failIn(List<Path> files) throws IOException, InterruptedException {
        // Two requests that are made one would share the error.
        Files.writeString(queue().resolve("nomerges"), "2");
        var places = new ArrayList<String>();
        for (var file : files) {
            places.addAll(places(file));
        }
        tell("fails-in", String.join(" ", places));
        for (var file : files) {
            Program.run(directory.getParent(), List.of("dd", "if=" + file, "iflag=nocache", "count=0"))
                    .expectSuccess();
        }
    }

    private Path queue() throws IOException {
        var device = Path.of(Files.getFileStore(root()).name()).getFileName().toString();
        return Path.of("/sys/block", device, "queue");
    }

    /** Where the file's blocks are on the disk. */
    private List<String> places(Path file) throws IOException, InterruptedException {
        var said = Program.run(
                        directory.getParent(), List.of("filefrag", "-s", "-v", "-b" + FRAGMENT_BYTES, file.toString()))
                .expectSuccess();
        var places = FRAGMENT.matcher(said)
                .results()
                .map(found -> Long.parseLong(found.group(1)) * FRAGMENT_BYTES + "-"
                        + (Long.parseLong(found.group(2)) + 1) * FRAGMENT_BYTES)
                .toList();
        if (places.isEmpty()) {
            throw new IOException("no blocks of " + file + " in: " + said);
        }
        return places;
    }

    private void tell(String word, String arguments) throws IOException {
        var input = server.outputWriter(StandardCharsets.UTF_8);
        input.write(word + " " + arguments + "\n");
        input.flush();
        await(word, server);
    }

    /** Mounts it anew, after an error because of which the kernel does not write to it any more; what is cached of it is forgotten. */
    void mountAgain() throws IOException, InterruptedException {
        disk.close();
        SmallDisk.mount(directory.resolve("disk"), disk.root());
    }

    @Override
    public void close() throws IOException {
        // Before the disk is unmounted: whoever waits for it gets an error.
        end(server, directory);
        disk.close();
    }

    private static void end(Process server, Path directory) throws IOException {
        server.destroyForcibly().onExit().join();
        try {
            Program.run(directory.getParent(), List.of("umount", "--lazy", directory.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
