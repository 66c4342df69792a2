package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.host.linux.Pidfd;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.CgroupRemoval;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.cgroup.ContainerGroup;
import io.keelson.oci.cgroup.LimitFiles;
import io.keelson.oci.cgroup.OomVictim;
import io.keelson.oci.monitor.Exit;
import io.keelson.oci.monitor.ExitFiles;
import io.keelson.oci.monitor.MonitorGroup;
import io.keelson.oci.monitor.MonitorLauncher;
import io.keelson.oci.monitor.MonitorRequest;
import io.keelson.oci.monitor.Monitored;
import io.keelson.oci.runtime.ConversationRequest;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.runtime.OciRuntime;
import io.keelson.oci.runtime.RunningCommand;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.runtime.RuntimeState;
import io.keelson.oci.spec.LinuxResources;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** {@link ContainerRuntime} by crun or runc and conmon. */
public final class OciContainers implements ContainerRuntime {
    /** A monitor ends by itself once its container has; one that hangs is killed. */
    private static final Duration MONITOR_PATIENCE = Duration.ofSeconds(5);

    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    private final Map<String, OciRuntime> runtimes;
    private final Optional<String> defaultHandler;
    private final MonitorLauncher launcher;
    private final MonitorGroup monitors;
    private final ExitFiles exits;
    private final Cgroups cgroups;
    private final CgroupDriver driver;
    private final String groupPrefix;
    private final CgroupRemoval removal;
    private final WorkListener work;

    /** @param groupPrefix before a container's id in the name of its control group, or empty */
    public OciContainers(
            Map<String, OciRuntime> runtimes,
            Optional<String> defaultHandler,
            MonitorLauncher launcher,
            MonitorGroup monitors,
            ExitFiles exits,
            Cgroups cgroups,
            CgroupDriver driver,
            String groupPrefix,
            CgroupRemoval removal,
            WorkListener work) {
        this.runtimes = Map.copyOf(runtimes);
        this.defaultHandler = defaultHandler;
        this.launcher = launcher;
        this.monitors = monitors;
        this.exits = exits;
        this.cgroups = cgroups;
        this.driver = driver;
        this.groupPrefix = groupPrefix;
        this.removal = removal;
        this.work = work;
    }

    @Override
    public Optional<String> handler(String name) {
        return name.isEmpty() ? defaultHandler : Optional.of(name).filter(runtimes::containsKey);
    }

    @Override
    public RuntimeFeatures features(String name) {
        return handler(name)
                .map(handler -> runtime(handler).features())
                .orElseGet(() -> RuntimeFeatures.none("there is no runtime handler \"" + name + "\""));
    }

    @Override
    public long leastMemoryBytes(String handler) {
        return runtime(handler).leastMemoryBytes();
    }

    @Override
    public void expectCreate() {
        cgroups.expectMove();
    }

    @Override
    public ContainerGroup group(String podCgroup, ContainerId id) {
        return CgroupPaths.container(driver, groupPrefix, podCgroup, id.hex());
    }

    @Override
    public Monitored create(Launch launch) {
        return work.around(call(launch.handler(), "create"), () -> launch(launch));
    }

    private static Work call(String handler, String verb) {
        return new Work(WorkListener.Kind.RUNTIME, handler, verb);
    }

    private Monitored launch(Launch launch) {
        var runtime = runtime(launch.handler());
        return launcher.launch(
                new MonitorRequest(
                        launch.id().hex(),
                        launch.name(),
                        runtime.handler(),
                        driver,
                        launch.cgroup(),
                        launch.bundle(),
                        launch.logPath(),
                        launch.terminal(),
                        launch.stdin(),
                        launch.stdin() && !launch.stdinOnce(),
                        MonitorRequest.DEADLINE),
                runtime);
    }

    @Override
    public void start(String handler, ContainerId id) {
        work.around(call(handler, "start"), () -> runtime(handler).start(id.hex()));
    }

    @Override
    public LimitFiles limits(String cgroup, LinuxResources change) {
        return cgroups.limits(cgroup, change.unified().keySet());
    }

    @Override
    public void update(String handler, ContainerId id, String cgroup, LinuxResources change) {
        work.around(call(handler, "update"), () -> runtime(handler).update(id.hex(), cgroup, change));
    }

    @Override
    public void killAll(String cgroup) {
        cgroups.killAll(cgroup);
    }

    @Override
    public void thaw(String cgroup) {
        cgroups.thaw(cgroup);
    }

    @Override
    public Optional<Long> oomKills(String cgroup) {
        return cgroups.oomKills(cgroup);
    }

    @Override
    public Optional<Long> memoryPeak(String cgroup) {
        return cgroups.memoryPeak(cgroup);
    }

    @Override
    public Optional<OomVictim> oomVictim(String cgroup) {
        return cgroups.oomVictim(cgroup);
    }

    @Override
    public void release(String handler, ContainerId id, String cgroup) {
        // A handler that is no longer configured: what it left is found by its cgroup and its monitor.
        Optional.ofNullable(runtimes.get(handler))
                .ifPresent(runtime -> work.around(call(handler, "delete"), () -> runtime.delete(id.hex(), true)));
        removal.remove(cgroup);
    }

    @Override
    public void delete(String handler, ContainerId id, String cgroup, Optional<ProcessIdentity> monitor) {
        release(handler, id, cgroup);
        monitor.ifPresent(OciContainers::awaitOrKill);
        exits.forget(id.hex());
    }

    @Override
    public void deleteUnknown(ContainerId id) {
        runtimes.values().forEach(runtime -> runtime.delete(id.hex(), true));
        exits.forget(id.hex());
    }

    /** Its last act is to write the exit file, which would otherwise appear after it was removed. */
    private static void awaitOrKill(ProcessIdentity monitor) {
        var handle = monitor.open();
        if (handle.isEmpty()) {
            return;
        }
        try (var pidfd = handle.get()) {
            if (!pidfd.awaitExit(Deadline.in(MONITOR_PATIENCE)) && pidfd.sendSignal(Pidfd.SIGKILL)) {
                pidfd.awaitExit(Deadline.in(MONITOR_PATIENCE));
            }
        }
    }

    @Override
    public boolean isStarted(String handler, ContainerId id) {
        return Optional.ofNullable(runtimes.get(handler))
                .flatMap(runtime -> runtime.state(id.hex()))
                .filter(state -> state.status() == RuntimeState.Status.RUNNING)
                .isPresent();
    }

    @Override
    public Optional<Exit> exit(ContainerId id) {
        return exits.read(id.hex());
    }

    @Override
    public void onMonitorEnd(ContainerId id, ProcessIdentity monitor, Runnable action) {
        Thread.ofVirtual().name("end-of-" + monitor.pid()).start(() -> {
            var handle = monitor.open();
            if (handle.isPresent()) {
                try (var pidfd = handle.get()) {
                    monitors.admit(id.hex(), monitor);
                    pidfd.awaitExit(Deadline.in(FOR_EVER));
                }
            }
            action.run();
        });
    }

    @Override
    public Finished exec(String handler, ExecRequest request) {
        return work.around(call(handler, "exec"), () -> runtime(handler).exec(request));
    }

    @Override
    public RunningCommand converse(String handler, ConversationRequest request) {
        return work.around(call(handler, "converse"), () -> runtime(handler).converse(request));
    }

    @Override
    public void endAbandonedCommands(String handler, String cgroup) {
        Optional.ofNullable(runtimes.get(handler)).ifPresent(runtime -> runtime.endAbandonedCommands(cgroup));
    }

    private OciRuntime runtime(String handler) {
        var runtime = runtimes.get(handler);
        if (runtime == null) {
            throw Failure.unavailable("runtime handler \"" + handler + "\" is no longer configured");
        }
        return runtime;
    }
}
