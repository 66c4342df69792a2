package io.keelson.oci.monitor;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.process.Child;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.host.process.Processes;
import io.keelson.oci.cgroup.CgroupRemoval;
import io.keelson.oci.runtime.OciRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Creates containers under a monitor of their own (conmon). conmon is started with a pipe from which it reads that it may go on,
 * and one on which it reports the container's pid. It begins in the daemon's own control group ({@link MonitorGroup}).
 */
public final class MonitorLauncher {
    private static final int SYNC_PIPE = 3;
    private static final int START_PIPE = 4;
    private static final int STDERR = 2;
    private static final byte[] GO = {0};

    /** What the monitor and the runtime leave in a bundle. */
    private static final List<String> LEFT_IN_BUNDLE =
            List.of("ctl", "winsz", "attach", MonitorPaths.OOM_FILE, MonitorArguments.PID_FILE);

    private static final Duration KILL_PATIENCE = Duration.ofSeconds(5);

    private final Processes processes;
    private final Path program;
    private final MonitorPaths paths;
    private final CgroupRemoval cgroups;
    private final ExitFiles exitFiles;

    public MonitorLauncher(Processes processes, Path program, MonitorPaths paths, CgroupRemoval cgroups) {
        this.processes = processes;
        this.program = program;
        this.paths = paths;
        this.cgroups = cgroups;
        exitFiles = new ExitFiles(paths);
        DurableFiles.mkdirs(paths.exits());
    }

    /**
     * Creates the container: its processes exist, and wait for the runtime's start. After a failure nothing of it is left.
     *
     * @param runtime the one that the request names
     * @throws Failure WRONG_STATE with the runtime's words, TIMEOUT, UNAVAILABLE if the monitor cannot be started, CANCELLED
     */
    public Monitored launch(MonitorRequest request, OciRuntime runtime) {
        var attempt = "cannot create container " + request.id() + " with "
                + request.handler().name();
        try (var undo = new Rollback();
                var sync = Descriptors.pipe();
                var start = Descriptors.pipe();
                var stderr = Descriptors.pipe()) {
            undo.add("remove what the monitor of container " + request.id() + " left", () -> removeTraces(request));
            var descriptors =
                    Map.of(SYNC_PIPE, sync.writeEnd(), START_PIPE, start.readEnd(), STDERR, stderr.writeEnd());
            // conmon notes in its working directory that a process was killed for want of memory.
            try (var child = processes.start(
                            MonitorArguments.of(program, request, paths),
                            environment(request),
                            request.bundle(),
                            descriptors);
                    // Of its own, since the child's handle closes before the outer one runs.
                    var undoStart = new Rollback()) {
                undoStart.add("remove cgroup " + request.cgroup(), () -> cgroups.remove(request.cgroup()));
                undoStart.add("delete container " + request.id(), () -> runtime.delete(request.id(), true));
                undoStart.add("end the monitor of container " + request.id(), () -> end(child));
                sync.writeEnd().close();
                start.readEnd().close();
                stderr.writeEnd().close();
                letGo(start.writeEnd());
                var pipe = new SyncPipe(sync.readEnd(), stderr.readEnd(), new RuntimeWords(child));
                var monitored = await(request, child, pipe);
                undoStart.commit();
                undo.commit();
                return monitored;
            }
        } catch (Failure e) {
            throw e.during(attempt);
        }
    }

    private Monitored await(MonitorRequest request, Child child, SyncPipe sync) {
        var pid = SyncReport.parse(sync.readLine(Deadline.in(request.deadline())));
        var monitor = ProcessIdentity.of(child.pid());
        var init = ProcessIdentity.of(pid);
        if (monitor.isEmpty() || init.isEmpty()) {
            throw Failure.wrongState("its first process, or its monitor, was killed before it was started");
        }
        return new Monitored(monitor.get(), init.get());
    }

    private static Map<String, String> environment(MonitorRequest request) {
        var environment = new HashMap<>(request.handler().environment());
        environment.put("_OCI_SYNCPIPE", Integer.toString(SYNC_PIPE));
        environment.put("_OCI_STARTPIPE", Integer.toString(START_PIPE));
        return environment;
    }

    private static void letGo(Fd pipe) {
        Descriptors.write(pipe, ByteBuffer.allocateDirect(GO.length).put(GO).flip());
        pipe.close();
    }

    /** With the runtime, which may hang. */
    private static void end(Child child) {
        child.killTree(Deadline.in(KILL_PATIENCE));
    }

    private void removeTraces(MonitorRequest request) throws IOException {
        exitFiles.forget(request.id());
        for (var name : LEFT_IN_BUNDLE) {
            Files.deleteIfExists(request.bundle().resolve(name));
        }
    }
}
