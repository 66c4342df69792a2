package io.keelson.pod.namespace;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.process.Child;
import io.keelson.host.process.Processes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A process that does nothing but be in new namespaces, the user namespace among them, until they are pinned: cat(1), started by
 * unshare(1). That it answers says that it is there. It ends with this object, or with the daemon.
 */
final class NamespaceHolder implements AutoCloseable {
    private static final String UNSHARE = "/usr/bin/unshare";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ANSWER_BYTES = 4096;
    private static final String WORD = "\n";

    private final Child process;
    private final Descriptors.Pipe toIt;

    private NamespaceHolder(Child process, Descriptors.Pipe toIt) {
        this.process = process;
        this.toIt = toIt;
    }

    /** @throws Failure UNAVAILABLE if the kernel makes no such namespaces */
    static NamespaceHolder start(Processes processes, NamespaceRequest request) {
        var toIt = Descriptors.pipe();
        try (var fromIt = Descriptors.pipe()) {
            var process = processes.start(
                    arguments(request),
                    ThreadNamespacePinner.environment(request.directory()),
                    Path.of("/"),
                    Map.of(0, toIt.readEnd(), 1, fromIt.writeEnd(), 2, fromIt.writeEnd()));
            var holder = new NamespaceHolder(process, toIt);
            fromIt.writeEnd().close();
            toIt.readEnd().close();
            holder.awaitAnswer(fromIt);
            return holder;
        } catch (RuntimeException | Error e) {
            toIt.close();
            throw e;
        }
    }

    private static List<String> arguments(NamespaceRequest request) {
        var arguments = new ArrayList<>(List.of(UNSHARE, "--user"));
        if (request.ownsNetwork()) {
            arguments.add("--net");
        }
        if (request.ownsUts()) {
            arguments.add("--uts");
        }
        if (request.ownsIpc()) {
            arguments.add("--ipc");
        }
        arguments.add("cat");
        return arguments;
    }

    private void awaitAnswer(Descriptors.Pipe fromIt) {
        try {
            var word = WORD.getBytes(StandardCharsets.US_ASCII);
            Descriptors.write(
                    toIt.writeEnd(),
                    ByteBuffer.allocateDirect(word.length).put(word).flip());
            var answer = read(fromIt);
            if (!answer.equals(WORD)) {
                throw Failure.unavailable("cannot make a user namespace: "
                        + (answer.isBlank() ? UNSHARE + " does not answer" : answer.strip()));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static String read(Descriptors.Pipe pipe) {
        var interest = List.of(new Descriptors.Interest(pipe.readEnd(), Descriptors.POLLIN));
        if (Descriptors.poll(interest, Deadline.in(PATIENCE)).isEmpty()) {
            return "";
        }
        var buffer = ByteBuffer.allocateDirect(ANSWER_BYTES);
        Descriptors.read(pipe.readEnd(), buffer);
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        toIt.close();
        process.pidfd().sendSignal(Pidfd.SIGKILL);
        process.await(Deadline.in(PATIENCE));
        process.close();
    }
}
