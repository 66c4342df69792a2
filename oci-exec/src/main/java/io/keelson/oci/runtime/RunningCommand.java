package io.keelson.oci.runtime;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.DescriptorInput;
import io.keelson.host.linux.DescriptorOutput;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.PseudoTerminal;
import io.keelson.host.process.Child;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A command that runs in a container, and its streams. With a terminal all output is one stream. Closing it kills what still runs
 * of it, and never the container; nobody may use its streams any more then.
 */
public final class RunningCommand implements AutoCloseable {
    /** After its end, what it left behind may go on to write for this long. */
    static final Duration DRAIN = Duration.ofMillis(500);

    private static final Duration FOR_EVER = Duration.ofDays(36_500);
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);

    private final ExecGroups.ExecGroup group;
    private final Child child;
    private final Optional<ExecLeftovers> leftovers;
    private Optional<Fd> terminal = Optional.empty();
    private Optional<DescriptorOutput> stdin = Optional.empty();
    private List<DescriptorInput> outputs = List.of();
    private final List<Fd> descriptors = new ArrayList<>();
    private boolean hasEnded;

    /** One without streams as yet. */
    RunningCommand(ExecGroups.ExecGroup group, Child child, Optional<ExecLeftovers> leftovers) {
        this.group = group;
        this.child = child;
        this.leftovers = leftovers;
    }

    /** With copies of the writing end of stdin and the reading ends of stdout and stderr. */
    RunningCommand onPipes(Optional<Fd> input, Fd stdout, Fd stderr) {
        stdin = input.map(this::copy).map(DescriptorOutput::new);
        return reading(List.of(stdout, stderr));
    }

    /** With copies of a terminal's master, and of what the runtime itself says. */
    RunningCommand onTerminal(Fd master, Optional<Fd> words) {
        terminal = Optional.of(copy(master));
        stdin = Optional.of(new DescriptorOutput(copy(master)));
        return reading(words.map(some -> List.of(master, some)).orElseGet(() -> List.of(master)));
    }

    /** With a copy of what the runtime said of a command that it could not start. */
    RunningCommand failed(Fd words) {
        return reading(List.of(words));
    }

    private RunningCommand reading(List<Fd> from) {
        outputs = from.stream().map(this::copy).map(DescriptorInput::new).toList();
        return this;
    }

    private Fd copy(Fd fd) {
        var copy = Descriptors.dup(fd);
        descriptors.add(copy);
        return copy;
    }

    /** Closing it is the end of the command's input; with a terminal it is not, as a terminal has none. */
    public Optional<OutputStream> stdin() {
        return stdin.map(stream -> stream);
    }

    public InputStream stdout() {
        return outputs.getFirst();
    }

    /** With a terminal it is no more than what the runtime says of a command that it cannot start. */
    public Optional<InputStream> stderr() {
        return outputs.stream().skip(1).findFirst().map(stream -> stream);
    }

    /** Without a terminal, or after the end, it does nothing. */
    public synchronized void resize(int columns, int rows) {
        terminal.ifPresent(master -> PseudoTerminal.resize(master, columns, rows));
    }

    /** Waits until it has ended or the deadline has come. */
    boolean hasEndedBy(Deadline deadline) {
        return child.await(deadline).isPresent();
    }

    /**
     * Waits for the command's end. Its output is at an end shortly after, also where somebody else could still write there.
     *
     * @return its exit code, or 128 and the number of the signal that ended it
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted
     */
    public int await() {
        var code = child.await(Deadline.in(FOR_EVER)).orElseThrow();
        hasEnded = true;
        leftovers.ifPresent(ExecLeftovers::close);
        group.ended();
        outputs.forEach(output -> output.finishBy(Deadline.in(DRAIN)));
        return code;
    }

    /** To its end also when interrupted, which is how those who wait for a command are told that nobody else does. */
    @Override
    public void close() {
        var interrupted = Thread.interrupted();
        try {
            if (!hasEnded) {
                kill();
            }
        } finally {
            leftovers.ifPresent(ExecLeftovers::close);
            group.close();
            child.close();
            closeDescriptors();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void kill() {
        group.killAll();
        // The runtime ends with the command; one that has not come so far is ended itself.
        if (child.await(Deadline.in(KILL_PATIENCE)).isEmpty()) {
            child.killTree(Deadline.in(KILL_PATIENCE));
        }
    }

    private synchronized void closeDescriptors() {
        terminal = Optional.empty();
        descriptors.forEach(Fd::close);
    }
}
