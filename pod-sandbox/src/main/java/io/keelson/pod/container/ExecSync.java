package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.spec.ProcessSpec;
import io.keelson.pod.container.ContainerState.Running;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Runs commands in containers and waits for them (CRI v1, ExecSync). */
public final class ExecSync {
    private final ContainerCatalog catalog;
    private final ContainerPaths paths;
    private final ContainerRuntime runtime;

    public ExecSync(ContainerCatalog catalog, ContainerPaths paths, ContainerRuntime runtime) {
        this.catalog = catalog;
        this.paths = paths;
        this.runtime = runtime;
    }

    /** @param isTruncated one of the streams went beyond its limit, and the rest of it was dropped */
    public record Result(int exitCode, byte[] stdout, byte[] stderr, boolean isTruncated) {}

    /**
     * Runs the command as the container's own process would run: same user, environment, directory and rights.
     *
     * @param timeout absent for none
     * @throws Failure TIMEOUT, after everything that the command started was killed; INVALID without a command; ABSENT or
     *     WRONG_STATE if there is no such container or it does not run
     */
    public Result run(ContainerId id, List<String> command, Optional<Duration> timeout) {
        if (command.isEmpty()) {
            throw Failure.invalid("cannot run a command in container " + id + ": it is empty");
        }
        var entry = catalog.require(id);
        if (!(entry.status().state() instanceof Running)) {
            throw Failure.wrongState("cannot run a command in container " + id + ": it does not run");
        }
        var finished = runtime.exec(
                entry.record().handler(),
                new ExecRequest(
                        id.hex(),
                        process(id, command),
                        CgroupPaths.directory(entry.record().cgroup()),
                        timeout,
                        ExecRequest.OUTPUT_LIMIT_BYTES));
        if (finished.timedOut()) {
            throw Failure.timeout("command in container " + id + " did not end within "
                    + timeout.map(Duration::toString).orElse("its time") + " and was killed");
        }
        return new Result(finished.exitCode(), finished.stdout(), finished.stderr(), finished.truncated());
    }

    /** The container's process with another command (OCI runtime specification, config, "process"). */
    private Json.Obj process(ContainerId id, List<String> command) {
        var spec = DurableFiles.find(paths.spec(id), ContainerRecord.MAX_BYTES)
                .orElseThrow(() -> Failure.wrongState("the configuration of container " + id + " is gone"));
        return ProcessSpec.another(Json.parseObject(spec), command, false);
    }
}
