package io.keelson.e2e.node;

import io.grpc.StatusRuntimeException;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandboxFilter;
import io.keelson.proto.VersionRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A node: a runtime on roots, a socket and a network of its own below one directory. Closing it ends the runtime, what it left
 * running and mounted, and its bridge, however the test ended; whether something had to be cleaned up is for {@link Leftovers} to
 * say before.
 */
public final class Node implements AutoCloseable {
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final NodePlace place;
    private final List<String> command;
    private Process daemon;
    private Cri cri;
    private long begun;
    private Duration firstAnswer = Duration.ZERO;

    /** What is done to a machine that is off. */
    @FunctionalInterface
    public interface WhileOff {
        void run() throws IOException, InterruptedException;
    }

    private Node(NodePlace place, List<String> command) throws IOException {
        this.place = place;
        this.command = command;
        daemon = launch(Map.of());
        cri = Cri.connect(place.socket());
    }

    /** Starts the runtime and waits until it knows what there is. */
    public static Node start(Path directory, CriDaemon runtime, Setup setup) throws IOException, InterruptedException {
        var place = NodePlace.below(directory);
        // As /var/lib and /run are: those who may pass further are the runtime's to decide.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(place.logs());
        Files.createDirectories(place.networks());
        Files.createDirectories(place.workingDirectory());
        var node = new Node(place, runtime.configure(place, setup));
        try {
            node.awaitRestored();
            return node;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            node.close();
            throw e;
        }
    }

    public NodePlace place() {
        return place;
    }

    /** A client; a new one after each restart. */
    public Cri cri() {
        return cri;
    }

    /** The daemon's process. */
    public long pid() {
        return daemon.pid();
    }

    /** What the daemon wrote. */
    public String log() throws IOException {
        return Files.readString(place.daemonLog());
    }

    /** How long the daemon's last start took, to its first answer. */
    public Duration firstAnswer() {
        return firstAnswer;
    }

    /** SIGKILL. */
    public void kill() {
        daemon.destroyForcibly().onExit().join();
        cri.close();
    }

    /** The same daemon again, after {@link #kill}, until it knows what there is. */
    public void restart() throws IOException, InterruptedException {
        restart(Map.of());
    }

    /** The same with more in its environment. */
    public void restart(Map<String, String> environment) throws IOException, InterruptedException {
        daemon = launch(environment);
        cri = Cri.connect(place.socket());
        awaitRestored();
    }

    /** The same daemon again, after {@link #kill}, until its first answer, when it may know of nothing yet. */
    public void beginRestart() throws IOException, InterruptedException {
        daemon = launch(Map.of());
        cri = Cri.connect(place.socket());
        await(_ -> {});
    }

    /** Waits until the daemon has ended by itself; its exit code, or 128 and the signal's number. {@link #restart} follows. */
    public int awaitEnd() throws InterruptedException {
        if (!daemon.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the daemon did not end within " + START);
        }
        cri.close();
        return daemon.exitValue();
    }

    /** The same daemon again with more in its environment, until it ends by itself; as {@link #awaitEnd}. */
    public int startUntilItEnds(Map<String, String> environment) throws IOException, InterruptedException {
        daemon = launch(environment);
        return awaitEnd();
    }

    /** The same daemon again, killed after this time. */
    public void startAndKill(Duration after) throws IOException, InterruptedException {
        daemon = launch(Map.of());
        TimeUnit.NANOSECONDS.sleep(after.toNanos());
        daemon.destroyForcibly().onExit().join();
    }

    /**
     * What a power failure and the next start do: processes, mounts and what lies in memory are gone, what is on disk is there, and
     * the boot has another id. The network's interfaces and rules stay, which they would not.
     */
    public void reboot() throws IOException, InterruptedException {
        reboot(() -> {});
    }

    /** The same, with something done while the machine is off. */
    public void reboot(WhileOff step) throws IOException, InterruptedException {
        kill();
        Remains.reboot(place);
        step.run();
        var id = Files.writeString(place.directory().resolve("boot-id"), UUID.randomUUID() + "\n");
        Program.run(place.directory(), List.of("mount", "--bind", id.toString(), BOOT_ID))
                .expectSuccess();
        try {
            restart();
        } finally {
            Program.run(place.directory(), List.of("umount", BOOT_ID)).expectSuccess();
        }
    }

    /** SIGTERM; how long the daemon took to end. Fails beyond its promise of ten seconds, and where it left before all was closed. */
    public Duration terminate() throws InterruptedException {
        var begin = System.nanoTime();
        daemon.destroy();
        if (!daemon.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the daemon did not end within " + STOP);
        }
        if (daemon.exitValue() != 0) {
            throw new AssertionError("the daemon ended before all was closed, with status " + daemon.exitValue());
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** A second daemon with the same configuration, run until it ends by itself. */
    public Program.Said startAnother() throws IOException, InterruptedException {
        return Program.run(place.directory(), command);
    }

    /** The daemon's own program as a command, with the node's configuration. */
    public Program.Said command(String... arguments) throws IOException, InterruptedException {
        return Program.run(place.directory(), commandLine(arguments));
    }

    /** The command line of that. */
    public List<String> commandLine(String... arguments) {
        var line = new ArrayList<>(command);
        line.addAll(List.of(arguments));
        return line;
    }

    /** crictl, talking to this node. */
    public Program.Said crictl(String... arguments) throws IOException, InterruptedException {
        return Program.run(place.directory(), crictlCommand(arguments));
    }

    /** The command line of a crictl that talks to this node. */
    public List<String> crictlCommand(String... arguments) throws IOException {
        var line = new ArrayList<String>();
        line.add(Program.required("keelson.crictl"));
        line.add("--config=" + Files.writeString(place.directory().resolve("crictl.yaml"), "timeout: 60\n"));
        line.add("--runtime-endpoint=unix://" + place.socket());
        line.add("--image-endpoint=unix://" + place.socket());
        line.addAll(List.of(arguments));
        return line;
    }

    private Process launch(Map<String, String> environment) throws IOException {
        var builder = new ProcessBuilder(command)
                .directory(place.workingDirectory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(place.daemonLog().toFile()));
        builder.environment().putAll(environment);
        begun = System.nanoTime();
        firstAnswer = Duration.ZERO;
        return builder.start();
    }

    private void awaitRestored() throws IOException, InterruptedException {
        var none = ListPodSandboxRequest.newBuilder()
                .setFilter(PodSandboxFilter.newBuilder().setId("none"))
                .build();
        await(client -> client.runtime(ANSWER).listPodSandbox(none));
    }

    private void await(Consumer<Cri> more) throws IOException, InterruptedException {
        var deadline = begun + START.toNanos();
        while (true) {
            if (!daemon.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("the daemon does not answer; it said: " + log());
            }
            try {
                cri.runtime(ANSWER).version(VersionRequest.getDefaultInstance());
                if (firstAnswer.isZero()) {
                    firstAnswer = Duration.ofNanos(System.nanoTime() - begun);
                }
                more.accept(cri);
                return;
            } catch (StatusRuntimeException e) {
                // Not there yet. The channel would back off for seconds, so each attempt has a new one.
                cri.close();
                TimeUnit.MILLISECONDS.sleep(5);
                cri = Cri.connect(place.socket());
            }
        }
    }

    @Override
    public void close() {
        cri.close();
        daemon.destroyForcibly().onExit().join();
        Remains.clear(place);
    }
}
