package io.keelson.pod.stream;

import io.keelson.host.failure.Failure;
import io.keelson.oci.runtime.RunningCommand;
import io.keelson.pod.container.CommandRunner;
import io.keelson.pod.container.ContainerId;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Runs commands in containers for somebody who talks with them (CRI v1, Exec). */
public final class ContainerExec {
    private final CommandRunner commands;

    public ContainerExec(CommandRunner commands) {
        this.commands = commands;
    }

    /** @throws Failure ABSENT or WRONG_STATE if there is no such container or it does not run, INVALID without a command */
    public void check(ContainerId id, List<String> command) {
        commands.check(id, command);
    }

    /**
     * Runs the command as the container's own process would run, until it has ended and its output is with the session. When the
     * session is gone, the command is killed, and the container goes on.
     *
     * @return its exit code; that of a command that cannot be started is the runtime's, with its words on stderr
     * @throws Failure ABSENT or WRONG_STATE if there is no such container or it does not run; CANCELLED when interrupted
     */
    public int run(ContainerId id, List<String> command, boolean terminal, StreamSession session) {
        try (var running =
                        commands.converse(id, command, terminal, session.stdin().isPresent());
                var copies = new Copies()) {
            var here = Thread.currentThread();
            session.onGone(here::interrupt);
            session.onResize(size -> running.resize(size.columns(), size.rows()));
            session.stdin()
                    .ifPresent(input -> running.stdin()
                            .ifPresent(to -> copies.add(
                                    terminal
                                            ? Copying.start("exec-stdin", input, to)
                                            : Copying.startWithEnd("exec-stdin", input, to))));
            var outputs = outputs(running, terminal, session);
            outputs.forEach(copies::add);
            var code = running.await();
            for (var output : outputs) {
                output.await();
            }
            return code;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "the command in container " + id + " lost its listener", e);
        }
    }

    private static List<Copying> outputs(RunningCommand running, boolean terminal, StreamSession session) {
        var stdout = session.stdout().orElseGet(OutputStream::nullOutputStream);
        // Where a terminal is all there is, the runtime's words about a command that it cannot start come there.
        var stderr = session.stderr().orElseGet(() -> terminal ? stdout : OutputStream.nullOutputStream());
        var outputs = new ArrayList<Copying>();
        outputs.add(Copying.start("exec-stdout", running.stdout(), stdout));
        running.stderr().ifPresent(from -> outputs.add(Copying.start("exec-stderr", from, stderr)));
        return outputs;
    }
}
