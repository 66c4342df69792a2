package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A client that talks with something in a pod while the scenario looks on: the Go program with Kubernetes' own libraries that
 * {@code keelson.streaming} names, or crictl. Closing it kills it.
 */
final class StreamClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern CONTROL_SEQUENCE = Pattern.compile("\u001b\\[[0-?]*[ -/]*[@-~]");

    private final List<String> command;
    private final Process process;
    private final Path stdout;
    private final Path stderr;

    /** How it ended. */
    record Answer(int exitCode, byte[] bytes, String stderr) {
        String stdout() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private StreamClient(List<String> command, Process process, Path stdout, Path stderr) {
        this.command = command;
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** Any program; its output goes to files in the directory. */
    static StreamClient start(Path directory, List<String> command, Redirect stdin) throws IOException {
        var stdout = Files.createTempFile(directory, "client", ".out");
        var stderr = Files.createTempFile(directory, "client", ".err");
        var process = new ProcessBuilder(command)
                .redirectInput(stdin)
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile())
                .start();
        return new StreamClient(command, process, stdout, stderr);
    }

    /** The Go program, with a pipe for its stdin. */
    static StreamClient start(Path directory, String verb, StreamProtocol protocol, List<String> arguments)
            throws IOException {
        return start(directory, verb, protocol, arguments, Redirect.PIPE);
    }

    static StreamClient start(
            Path directory, String verb, StreamProtocol protocol, List<String> arguments, Redirect stdin)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Program.required("keelson.streaming"));
        command.add(verb);
        command.addAll(protocol.flags());
        command.addAll(arguments);
        return start(directory, command, stdin);
    }

    /** What is typed; closing it is its end. */
    OutputStream stdin() {
        return process.getOutputStream();
    }

    void type(String text) throws IOException {
        stdin().write(text.getBytes(StandardCharsets.UTF_8));
        stdin().flush();
    }

    /** Where its stdout goes. */
    Path stdoutFile() {
        return stdout;
    }

    /** Waits until the client has written this to its stdout; all that it has written. */
    String awaitStdout(String text) {
        return await(stdout, text, PATIENCE);
    }

    String awaitStdout(String text, Duration patience) {
        return await(stdout, text, patience);
    }

    /**
     * Waits until a terminal would show this. A shell may draw its line anew at any time, at a change of the size for
     * example, so that what it writes has control sequences in between (ECMA-48).
     */
    void awaitShown(String text) {
        Awaitility.await(text + " from " + command)
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(CONTROL_SEQUENCE
                                .matcher(Files.readString(stdout))
                                .replaceAll(""))
                        .contains(text));
    }

    String awaitStderr(String text) {
        return await(stderr, text, PATIENCE);
    }

    private String await(Path file, String text, Duration patience) {
        Awaitility.await(text + " from " + command)
                .atMost(patience)
                .untilAsserted(() -> assertThat(Files.readString(file)).contains(text));
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for its end. */
    Answer await() throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running after %s: %s%n%s%n%s"
                    .formatted(PATIENCE, command, Files.readString(stdout, StandardCharsets.ISO_8859_1), said()));
        }
        return new Answer(process.exitValue(), Files.readAllBytes(stdout), said());
    }

    /** What it has written to its stderr so far. */
    String said() throws IOException {
        return Files.readString(stderr);
    }

    /** SIGKILL: its connection breaks off. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
