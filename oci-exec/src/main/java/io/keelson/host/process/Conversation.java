package io.keelson.host.process;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Descriptors.Interest;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.linux.Spawn;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Feeds a program its input and reads its output until it has ended, in one thread with poll(2). Its end counts, not that of
 * its pipes: descendants may hold those open for ever.
 */
final class Conversation implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 * 1024;
    /** A killed program is gone in milliseconds, unless it hangs in the kernel; then it is left to itself. */
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);
    /** The most that a pipe can hold (/proc/sys/fs/pipe-max-size): what was printed in time is read, whatever the time is now. */
    private static final int PIPE_BYTES = 1024 * 1024;

    /** One of the program's output streams. */
    private static final class Output {
        final Fd fd;
        final KeptOutput kept;
        boolean open = true;
        boolean truncated;

        Output(Fd fd, int limitBytes, OutputShare share) {
            this.fd = fd;
            kept = new KeptOutput(limitBytes, share);
            Descriptors.setNonBlocking(fd);
        }

        /** False when there is nothing to read now. */
        boolean read(ByteBuffer buffer) {
            var length = Descriptors.read(fd, buffer.clear());
            if (length == 0) {
                open = false;
            }
            if (length <= 0) {
                return false;
            }
            truncated |= !kept.add(buffer.flip());
            return true;
        }
    }

    private final Command command;
    private final Spawn.Spawned program;
    private final Fd stdin;
    private final Output stdout;
    private final Output stderr;
    private final ByteBuffer input;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private boolean feeding = true;
    private boolean reaped;
    private volatile boolean cancelled;

    Conversation(Command command, Spawn.Spawned program, Fd stdin, Fd stdout, Fd stderr) {
        this.command = command;
        this.program = program;
        this.stdin = stdin;
        this.stdout = new Output(stdout, command.stdoutLimitBytes(), command.share());
        this.stderr = new Output(stderr, command.stderrLimitBytes(), command.share());
        input = ByteBuffer.allocateDirect(command.stdin().length)
                .put(command.stdin())
                .flip();
        Descriptors.setNonBlocking(stdin);
    }

    /** Ends the program early; {@link #run} then returns soon. Called by another thread. */
    void cancel() {
        cancelled = true;
        kill(Deadline.in(Duration.ZERO));
    }

    boolean isCancelled() {
        return cancelled;
    }

    Finished run() {
        var deadline = Deadline.in(command.timeout());
        feed();
        var ended = converse(deadline);
        var timedOut = !ended;
        if (timedOut) {
            kill(Deadline.in(KILL_PATIENCE));
        }
        Pidfd.signalGroup(program.pid(), Pidfd.SIGKILL);
        drain();
        return new Finished(
                reap(),
                stdout.kept.toByteArray(),
                stderr.kept.toByteArray(),
                timedOut,
                stdout.truncated || stderr.truncated);
    }

    /** Kills the program and all that it started. Once it is reaped, its number may be somebody else's. */
    private synchronized void kill(Deadline deadline) {
        if (!reaped) {
            ProcessTree.kill(program.pidfd(), program.pid(), deadline);
            Pidfd.signalGroup(program.pid(), Pidfd.SIGKILL);
        }
    }

    /** The exit code; of a program that is killed and yet to end, the one that it will have. */
    private synchronized int reap() {
        reaped = true;
        if (program.pidfd().awaitExit(Deadline.in(Duration.ZERO))) {
            return Spawn.reap(program.pidfd().fd());
        }
        Child.reapLater(program);
        return 128 + Pidfd.SIGKILL;
    }

    /** Leaves no child behind, even if {@link #run} never was. */
    @Override
    public void close() {
        if (!reaped) {
            kill(Deadline.in(Duration.ZERO));
            var _ = reap();
        }
        program.pidfd().close();
    }

    /** Until the program has ended (true) or its time is up. */
    private boolean converse(Deadline deadline) {
        while (true) {
            var interests = new ArrayList<Interest>();
            interests.add(new Interest(program.pidfd().fd(), Descriptors.POLLIN));
            for (var output : new Output[] {stdout, stderr}) {
                if (output.open) {
                    interests.add(new Interest(output.fd, Descriptors.POLLIN));
                }
            }
            if (feeding) {
                interests.add(new Interest(stdin, Descriptors.POLLOUT));
            }
            var ready = Descriptors.poll(interests, deadline);
            if (ready.isEmpty()) {
                return false;
            }
            // One chunk of each a turn: a program that prints without end does not hide its deadline or its end.
            readOnce(stdout);
            readOnce(stderr);
            feed();
            if (ready.get(0)) {
                return true;
            }
            if (deadline.hasPassed()) {
                return false;
            }
        }
    }

    private void readOnce(Output output) {
        if (output.open) {
            output.read(buffer);
        }
    }

    private void feed() {
        if (!feeding) {
            return;
        }
        try {
            if (input.hasRemaining() && Descriptors.write(stdin, input) < 0) {
                return;
            }
        } catch (LinuxException e) {
            if (!e.is(Errno.EPIPE)) {
                throw e;
            }
            input.position(input.limit());
        }
        if (!input.hasRemaining()) {
            feeding = false;
            stdin.close();
        }
    }

    /** Takes what is still in the pipes, until they end or their holders have had their time. */
    private void drain() {
        var deadline = Deadline.in(command.drain());
        for (var output : new Output[] {stdout, stderr}) {
            var unread = PIPE_BYTES;
            while (output.open && (unread > 0 || !deadline.hasPassed())) {
                if (output.read(buffer)) {
                    unread -= buffer.limit();
                    continue;
                }
                var interest = new Interest(output.fd, Descriptors.POLLIN);
                if (output.open
                        && (deadline.hasPassed()
                                || Descriptors.poll(List.of(interest), deadline).isEmpty())) {
                    break;
                }
            }
        }
    }
}
