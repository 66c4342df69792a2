package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.ConsoleSocket;
import io.keelson.host.linux.DescriptorOutput;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.PseudoTerminal;
import io.keelson.host.process.Child;
import io.keelson.host.process.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Starts commands that somebody talks with, as children of ours: the runtime waits for its command and ends with its exit code.
 *
 * <p>A terminal is made by the runtime in the container. crun hands it over, and is out of the way then. runc does so only where it
 * does not wait for the command; so it gets a terminal of ours, copies from one to the other, and follows the size of ours, which
 * crun does from 1.9 on only.
 */
final class Conversations {
    /** Where the runtime finds the process's JSON. */
    private static final int PROCESS = 3;

    private static final int STDERR = 2;
    private static final Path ROOT = Path.of("/");
    private static final Duration CONSOLE_PATIENCE = Duration.ofSeconds(30);
    /** How often to look whether a runtime that hands nothing over has ended. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private final Processes processes;
    private final RuntimeHandler handler;
    private final RuntimeArguments arguments;
    private final ExecGroups groups;

    Conversations(Processes processes, RuntimeHandler handler, RuntimeArguments arguments, ExecGroups groups) {
        this.processes = processes;
        this.handler = handler;
        this.arguments = arguments;
        this.groups = groups;
    }

    /** @throws Failure WRONG_STATE if the container is gone, UNAVAILABLE if the runtime cannot be started, TIMEOUT, CANCELLED */
    RunningCommand start(ConversationRequest request, boolean isCrun) {
        var group = groups.open(request.cgroup(), isCrun);
        // Only runc has to be made to end (ExecLeftovers).
        var pidFile =
                isCrun ? Optional.<Path>empty() : Optional.of(ExecLeftovers.pidFile(handler, request.containerId()));
        try (var process = Descriptors.pipe()) {
            if (!request.terminal()) {
                return onPipes(request, group, pidFile, process);
            }
            return isCrun ? onItsTerminal(request, group, process) : onOurTerminal(request, group, pidFile, process);
        } catch (LinuxException e) {
            group.close();
            throw Failure.internal("cannot make the streams of a command in container " + request.containerId(), e);
        } catch (RuntimeException e) {
            group.close();
            throw e;
        }
    }

    private RunningCommand onPipes(
            ConversationRequest request, ExecGroups.ExecGroup group, Optional<Path> pidFile, Descriptors.Pipe process) {
        try (var stdin = Descriptors.pipe();
                var stdout = Descriptors.pipe();
                var stderr = Descriptors.pipe()) {
            var descriptors =
                    new HashMap<>(Map.of(1, stdout.writeEnd(), STDERR, stderr.writeEnd(), PROCESS, process.readEnd()));
            if (request.stdin()) {
                descriptors.put(0, stdin.readEnd());
            }
            var line = arguments.exec(request.containerId(), group.argument(), pidFile, Optional.empty(), PROCESS);
            var running = running(group, pidFile, processes.start(line, handler.environment(), ROOT, descriptors));
            try {
                tell(process, request);
                return running.onPipes(
                        request.stdin() ? Optional.of(stdin.writeEnd()) : Optional.empty(),
                        stdout.readEnd(),
                        stderr.readEnd());
            } catch (RuntimeException e) {
                running.close();
                throw e;
            }
        }
    }

    private RunningCommand onItsTerminal(
            ConversationRequest request, ExecGroups.ExecGroup group, Descriptors.Pipe process) {
        try (var console = ConsoleSocket.listen(request.bundle(), "console-" + group.name());
                var stderr = Descriptors.pipe()) {
            var line = arguments.exec(
                    request.containerId(), group.argument(), Optional.empty(), Optional.of(console.path()), PROCESS);
            var running = running(
                    group,
                    Optional.empty(),
                    processes.start(
                            line,
                            handler.environment(),
                            ROOT,
                            Map.of(STDERR, stderr.writeEnd(), PROCESS, process.readEnd())));
            try {
                tell(process, request);
                var master = receive(console, running, request);
                if (master.isEmpty()) {
                    return running.failed(stderr.readEnd());
                }
                try (var received = master.get()) {
                    return running.onTerminal(received, Optional.of(stderr.readEnd()));
                }
            } catch (RuntimeException e) {
                running.close();
                throw e;
            }
        }
    }

    /** Empty if the runtime has ended instead: it has said why. */
    private static Optional<Fd> receive(ConsoleSocket console, RunningCommand running, ConversationRequest request) {
        var deadline = Deadline.in(CONSOLE_PATIENCE);
        while (!deadline.hasPassed()) {
            var master = console.receive(deadline.orEarlier(Deadline.in(LOOK)));
            if (master.isPresent() || running.hasEndedBy(Deadline.in(Duration.ZERO))) {
                return master;
            }
        }
        throw Failure.timeout("the runtime did not hand over the terminal of a command in container "
                + request.containerId() + " within " + CONSOLE_PATIENCE);
    }

    private RunningCommand onOurTerminal(
            ConversationRequest request, ExecGroups.ExecGroup group, Optional<Path> pidFile, Descriptors.Pipe process) {
        try (var terminal = PseudoTerminal.open()) {
            var line = arguments.exec(request.containerId(), group.argument(), pidFile, Optional.empty(), PROCESS);
            var running = running(
                    group,
                    pidFile,
                    processes.startOn(
                            terminal.slave(), line, handler.environment(), Map.of(PROCESS, process.readEnd())));
            try {
                tell(process, request);
                return running.onTerminal(terminal.master(), Optional.empty());
            } catch (RuntimeException e) {
                running.close();
                throw e;
            }
        }
    }

    private static RunningCommand running(ExecGroups.ExecGroup group, Optional<Path> pidFile, Child child) {
        group.started();
        return new RunningCommand(
                group, child, pidFile.map(file -> new ExecLeftovers(file, RunningCommand.DRAIN, group::killAll)));
    }

    /** A runtime that ends without reading it has its reasons, and says them. */
    private static void tell(Descriptors.Pipe process, ConversationRequest request) {
        process.readEnd().close();
        try (var json = new DescriptorOutput(process.writeEnd())) {
            json.write(request.process().toBytes());
        } catch (IOException e) {
            // EPIPE.
        }
    }
}
