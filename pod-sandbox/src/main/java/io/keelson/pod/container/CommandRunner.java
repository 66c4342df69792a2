package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.process.Finished;
import io.keelson.host.process.OutputShare;
import io.keelson.oci.runtime.ConversationRequest;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.runtime.RunningCommand;
import io.keelson.oci.spec.ProcessSpec;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs commands in containers as the container's own process would run: same user, environment, directory and rights. */
public final class CommandRunner {
    private static final String TERM = "TERM=";

    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;

    public CommandRunner(ContainerCatalog catalog, ContainerPaths paths, ContainerRuntime runtime) {
        this.catalog = catalog;
        this.paths = paths;
        this.runtime = runtime;
    }

    /** @throws Failure INVALID without a command; ABSENT or WRONG_STATE if there is no such container or it does not run */
    public void check(ContainerId id, List<String> command) {
        running(id, command);
    }

    private ContainerEntry running(ContainerId id, List<String> command) {
        if (command.isEmpty()) {
            throw Failure.invalid("cannot run a command in container " + id + ": it is empty");
        }
        if (command.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw Failure.invalid("cannot run a command in container " + id + ": there is a NUL in it");
        }
        var entry = catalog.require(id);
        if (!(entry.status().state() instanceof Running)) {
            throw Failure.wrongState("cannot run a command in container " + id + ": it does not run");
        }
        return entry;
    }

    /** Runs it to its end; see {@link ContainerRuntime#exec}. */
    Finished run(ContainerId id, List<String> command, Optional<Duration> timeout, OutputShare share) {
        var entry = running(id, command);
        return runtime.exec(
                entry.record().handler(),
                new ExecRequest(
                        id.hex(),
                        process(id, command, false),
                        entry.record().cgroup(),
                        timeout,
                        ExecRequest.OUTPUT_LIMIT_BYTES,
                        share));
    }

    /**
     * Starts it for somebody who talks with it. With a terminal it finds TERM in its environment.
     *
     * @throws Failure as {@link #check}, UNAVAILABLE if the runtime cannot be started
     */
    public RunningCommand converse(ContainerId id, List<String> command, boolean terminal, boolean stdin) {
        var entry = running(id, command);
        return runtime.converse(
                entry.record().handler(),
                new ConversationRequest(
                        id.hex(),
                        process(id, command, terminal),
                        entry.record().cgroup(),
                        paths.bundle(id),
                        terminal,
                        stdin));
    }

    private Json.Obj process(ContainerId id, List<String> command, boolean terminal) {
        var first = DurableFiles.find(paths.spec(id), ContainerRecord.MAX_BYTES)
                .flatMap(spec -> Json.memberOf(spec, "process"))
                .flatMap(process -> process instanceof Json.Obj object ? Optional.of(object) : Optional.empty())
                .orElseThrow(() -> Failure.wrongState("the configuration of container " + id + " is gone"));
        var process = ProcessSpec.another(first, command, terminal);
        return terminal ? withTerm(process) : process;
    }

    private static Json.Obj withTerm(Json.Obj process) {
        var environment = new ArrayList<>(process.texts("env"));
        if (environment.stream().noneMatch(entry -> entry.startsWith(TERM))) {
            environment.add(TERM + "xterm");
        }
        var changed = Json.object();
        process.members().forEach(changed::put);
        return changed.putTexts("env", environment).build();
    }
}
