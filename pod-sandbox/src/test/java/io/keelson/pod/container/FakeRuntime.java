package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.ContainerGroup;
import io.keelson.oci.cgroup.LimitFiles;
import io.keelson.oci.cgroup.OomVictim;
import io.keelson.oci.monitor.Exit;
import io.keelson.oci.monitor.Monitored;
import io.keelson.oci.runtime.ConversationRequest;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.runtime.RunningCommand;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.LinuxResources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Knows what it was told, and fails where {@link #failing} names the call. */
final class FakeRuntime implements ContainerRuntime {
    static final long LEAST_MEMORY_BYTES = 1 << 20;

    final Set<String> failing = new HashSet<>();
    final List<String> done = new CopyOnWriteArrayList<>();
    final Map<String, Exit> exits = new HashMap<>();
    final Map<ProcessIdentity, Runnable> followed = new ConcurrentHashMap<>();
    final List<Launch> launched = new CopyOnWriteArrayList<>();
    final List<ExecRequest> executed = new ArrayList<>();
    Finished answer = new Finished(0, new byte[0], new byte[0], false, false);
    boolean isStarted;
    final List<String> thawed = new CopyOnWriteArrayList<>();
    /** Who was released, which happens some time after the end. */
    final List<ContainerId> released = new CopyOnWriteArrayList<>();

    volatile Optional<Long> oomKills = Optional.empty();
    Runnable whileCreating = () -> {};
    LimitFiles limits = new LimitFiles(Map.of());
    final List<LinuxResources> told = new ArrayList<>();
    Runnable whileUpdating = () -> {};
    /** What happens when all processes of a cgroup are killed, the first time. */
    Runnable whenKilled = () -> {};

    private void step(String name, String about) {
        done.add(name + " " + about);
        if (failing.contains(name) || failing.contains(name + " " + about)) {
            throw Failure.wrongState(name + " failed");
        }
    }

    @Override
    public Optional<String> handler(String name) {
        return Optional.of(name.isEmpty() ? "crun" : name);
    }

    @Override
    public RuntimeFeatures features(String name) {
        return new RuntimeFeatures("crun 1.8.1", true, true, true, Optional.empty());
    }

    @Override
    public long leastMemoryBytes(String handler) {
        return LEAST_MEMORY_BYTES;
    }

    @Override
    public void expectCreate() {}

    @Override
    public Monitored create(Launch launch) {
        launched.add(launch);
        whileCreating.run();
        step("create", launch.cgroup());
        var self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
        return new Monitored(self, self);
    }

    @Override
    public void start(String handler, ContainerId id) {
        step("start", handler);
    }

    @Override
    public LimitFiles limits(String cgroup, LinuxResources change) {
        return limits;
    }

    @Override
    public void update(String handler, ContainerId id, String cgroup, LinuxResources change) {
        told.add(change);
        whileUpdating.run();
        step("update", cgroup);
    }

    @Override
    public void killAll(String cgroup) {
        step("kill", cgroup);
        var first = whenKilled;
        whenKilled = () -> {};
        first.run();
    }

    @Override
    public void thaw(String cgroup) {
        thawed.add(cgroup);
    }

    @Override
    public Optional<Long> oomKills(String cgroup) {
        return oomKills;
    }

    @Override
    public Optional<Long> memoryPeak(String cgroup) {
        return Optional.of(3L << 19);
    }

    @Override
    public Optional<OomVictim> oomVictim(String cgroup) {
        return Optional.of(new OomVictim(7, "hog", 1000));
    }

    @Override
    public void release(String handler, ContainerId id, String cgroup) {
        released.add(id);
        if (failing.contains("release")) {
            throw Failure.wrongState("release failed");
        }
    }

    @Override
    public void delete(String handler, ContainerId id, String cgroup, Optional<ProcessIdentity> monitor) {
        step("delete", cgroup);
    }

    @Override
    public void deleteUnknown(ContainerId id) {
        step("delete-unknown", id.hex());
    }

    @Override
    public ContainerGroup group(String podCgroup, ContainerId id) {
        return CgroupPaths.container(CgroupDriver.CGROUPFS, "", podCgroup, id.hex());
    }

    @Override
    public boolean isStarted(String handler, ContainerId id) {
        return isStarted;
    }

    @Override
    public Optional<Exit> exit(ContainerId id) {
        return Optional.ofNullable(exits.get(id.hex()));
    }

    @Override
    public void onMonitorEnd(ContainerId id, ProcessIdentity monitor, Runnable action) {
        followed.put(monitor, action);
    }

    @Override
    public Finished exec(String handler, ExecRequest request) {
        executed.add(request);
        step("exec", handler);
        return answer;
    }

    @Override
    public RunningCommand converse(String handler, ConversationRequest request) {
        throw new UnsupportedOperationException("nothing is run here");
    }

    @Override
    public void endAbandonedCommands(String handler, String cgroup) {}
}
