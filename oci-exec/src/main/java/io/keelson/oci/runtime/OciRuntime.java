package io.keelson.oci.runtime;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.Command;
import io.keelson.host.process.Finished;
import io.keelson.host.process.Processes;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.spec.LinuxResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One OCI runtime by its command line ("OCI Runtime Command Line Interface"), which crun and runc share. Containers are created
 * by their monitors; everything after that is here. Failures carry the runtime's own words.
 */
public final class OciRuntime {
    /** All commands but exec end by themselves in milliseconds. */
    private static final Duration DEADLINE = Duration.ofMinutes(1);

    /** After its command was killed, the runtime takes its exit code and ends; nobody else would take that. */
    private static final Duration REAP_PATIENCE = Duration.ofSeconds(5);

    /** What runc's own process needs in the container before the program is there. */
    public static final long LEAST_MEMORY_BYTES = 12L << 20;

    public static final long LEAST_CRUN_MEMORY_BYTES = 500L << 10;

    private final Processes processes;
    private final RuntimeHandler handler;
    private final CgroupDriver driver;
    private final RuntimeArguments arguments;
    private final RuntimeProbe probe;
    private final Cgroups cgroups;
    private final ExecGroups execGroups;
    private final Conversations conversations;

    public OciRuntime(Processes processes, RuntimeHandler handler, CgroupDriver driver, Cgroups cgroups) {
        this.processes = processes;
        this.handler = handler;
        this.driver = driver;
        arguments = new RuntimeArguments(handler, driver);
        probe = new RuntimeProbe(processes, handler, cgroups.layout());
        this.cgroups = cgroups;
        execGroups = new ExecGroups(cgroups);
        conversations = new Conversations(processes, handler, arguments, execGroups);
    }

    public RuntimeHandler handler() {
        return handler;
    }

    /** Who makes the control groups of its containers. */
    public CgroupDriver driver() {
        return driver;
    }

    /** Lets the created container's process go. */
    public void start(String id) {
        var finished = run(arguments.start(id));
        if (!finished.isSuccess()) {
            throw failed("start container " + id, finished);
        }
    }

    /**
     * Sends a signal to the container's first process, or to all of its processes. A container that has ended is a success.
     *
     * @param all for a container without a PID namespace of its own; with one, the end of the first process ends all
     */
    public void kill(String id, int signal, boolean all) {
        var finished = run(arguments.kill(id, signal, all));
        if (!finished.isSuccess() && state(id).stream().anyMatch(OciRuntime::hasProcess)) {
            throw failed("send signal " + signal + " to container " + id, finished);
        }
    }

    /**
     * Has the runtime forget the container, and with {@code force} kills it first. Absence is success.
     *
     * @throws Failure WRONG_STATE without {@code force} if the container still runs
     */
    public void delete(String id, boolean force) {
        if (!isKnown(id)) {
            return;
        }
        // For one that has ended, runc's --force waits a tenth of a second in vain.
        var finished = run(arguments.delete(id, false));
        if (!finished.isSuccess() && force && isKnown(id)) {
            finished = run(arguments.delete(id, true));
        }
        if (!finished.isSuccess() && isKnown(id)) {
            throw failed("delete container " + id, finished);
        }
    }

    /** Absent if the runtime knows no such container. */
    public Optional<RuntimeState> state(String id) {
        if (!isKnown(id)) {
            return Optional.empty();
        }
        var finished = run(arguments.state(id));
        if (finished.isSuccess()) {
            return Optional.of(RuntimeState.parse(finished.stdout()));
        }
        if (!isKnown(id)) {
            return Optional.empty();
        }
        throw failed("ask for the state of container " + id, finished);
    }

    /**
     * Changes the limits of a container that has not ended; what is not said stays as it is. After a failure some of them may be
     * changed: {@link Cgroups#limits} tells before what to write back.
     *
     * @param cgroup the container's group
     * @throws Failure WRONG_STATE, with the runtime's words, for what the kernel refuses
     */
    public void update(String id, String cgroup, LinuxResources change) {
        var attempt = "cannot change the limits of container " + id;
        var limits = new LimitChange(cgroups, cgroup, probe.isCrun());
        try {
            var rest = limits.prepare(change);
            if (rest.equals(LinuxResources.NONE)) {
                return;
            }
            var finished = processes.run(
                    command(arguments.update(id)).withStdin(rest.toJson().toBytes()));
            if (!finished.isSuccess()) {
                throw new Failure(
                        finished.timedOut() ? Failure.Kind.TIMEOUT : Failure.Kind.WRONG_STATE,
                        handler.name() + ": " + RuntimeComplaint.of(finished) + limits.remark(change));
            }
        } catch (Failure e) {
            throw e.during(attempt);
        }
    }

    /**
     * Runs a command in the container. Its end is that of its first process; what that left behind may go on, without its
     * output, except that runc ends with its output only, and so what holds it open is killed. After the timeout everything that
     * the command started is killed, whatever session it is in, and the container goes on. A command that cannot be started has the
     * runtime's exit code and words.
     *
     * @throws Failure CANCELLED when interrupted; the command is killed then as well
     */
    public Finished exec(ExecRequest request) {
        cgroups.expectMove();
        var isCrun = probe.isCrun();
        var pidFile =
                isCrun ? Optional.<Path>empty() : Optional.of(ExecLeftovers.pidFile(handler, request.containerId()));
        try (var group = execGroups.open(request.cgroup(), isCrun)) {
            var timeout = request.timeout().orElse(ExecRequest.UNLIMITED);
            var command = command(arguments.exec(request.containerId(), group.argument(), pidFile))
                    .withStdin(request.process().toBytes())
                    .within(timeout.plus(REAP_PATIENCE))
                    .drainingFor(RunningCommand.DRAIN)
                    .limitedTo(request.outputLimitBytes(), request.outputLimitBytes())
                    .sharing(request.share());
            group.started();
            try (var timer = new ExecTimer(timeout, group::killAll)) {
                var finished = run(command, pidFile, group::killAll);
                if (!finished.timedOut() && !timer.hasFired()) {
                    group.ended();
                }
                return timer.hasFired() ? finished.asTimedOut() : finished;
            }
        }
    }

    private Finished run(Command command, Optional<Path> pidFile, Runnable killAll) {
        if (pidFile.isEmpty()) {
            return processes.run(command);
        }
        try (var _ = new ExecLeftovers(pidFile.get(), RunningCommand.DRAIN, killAll)) {
            return processes.run(command);
        }
    }

    /**
     * Starts a command in the container, for somebody who talks with it.
     *
     * @throws Failure WRONG_STATE if the container is gone, UNAVAILABLE if the runtime cannot be started, TIMEOUT, CANCELLED
     */
    public RunningCommand converse(ConversationRequest request) {
        cgroups.expectMove();
        return conversations.start(request, probe.isCrun());
    }

    /** Ends what commands a daemon before this one ran in a container of that group; to be called before there are new ones. */
    public void endAbandonedCommands(String cgroup) {
        execGroups.endAbandoned(cgroup);
    }

    /** A container's limit counts for the runtime's own part of the start as well. */
    public long leastMemoryBytes() {
        return probe.isCrun() ? LEAST_CRUN_MEMORY_BYTES : LEAST_MEMORY_BYTES;
    }

    /** What the runtime is and can do, and whether it can work here; asked once, and at most for some seconds. */
    public RuntimeFeatures features() {
        return probe.features();
    }

    private static boolean hasProcess(RuntimeState state) {
        return state.status() != RuntimeState.Status.STOPPED;
    }

    /** Both runtimes have a directory for each container that they know. */
    private boolean isKnown(String id) {
        return Files.exists(handler.root().resolve(id));
    }

    private Finished run(List<String> line) {
        return processes.run(command(line));
    }

    private Command command(List<String> line) {
        return Command.of(line)
                .withEnvironment(handler.environment())
                .within(DEADLINE)
                .in(Path.of("/"));
    }

    private Failure failed(String attempt, Finished finished) {
        var text = "cannot " + attempt + " with " + handler.name() + ": " + RuntimeComplaint.of(finished);
        return finished.timedOut() ? Failure.timeout(text) : Failure.wrongState(text);
    }
}
