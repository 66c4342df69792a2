package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.OutputShare;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs commands in containers and waits for them (CRI v1, ExecSync). */
public final class ExecSync {
    private final CommandRunner commands;

    public ExecSync(CommandRunner commands) {
        this.commands = commands;
    }

    /** @param isTruncated one of the streams went beyond its limit or the share, and the rest of it was dropped */
    public record Result(int exitCode, byte[] stdout, byte[] stderr, boolean isTruncated) {}

    /**
     * Runs the command as the container's own process would run: same user, environment, directory and rights. Of its output the
     * beginnings are given: 16 MiB of each stream, and a little less of both together ({@link AnswerLimit}).
     *
     * @param timeout absent for none
     * @param share of the memory for outputs; closed by whoever made it, once the result is used
     * @throws Failure TIMEOUT, after everything that the command started was killed; INVALID without a command; ABSENT or
     *     WRONG_STATE if there is no such container or it does not run
     */
    public Result run(ContainerId id, List<String> command, Optional<Duration> timeout, OutputShare share) {
        var finished = commands.run(id, command, timeout, share);
        if (finished.timedOut()) {
            throw Failure.timeout("command in container " + id + " did not end within "
                    + timeout.map(Duration::toString).orElse("its time") + " and was killed");
        }
        return AnswerLimit.cut(
                new Result(finished.exitCode(), finished.stdout(), finished.stderr(), finished.truncated()));
    }
}
