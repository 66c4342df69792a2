package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.monitor.Exit;
import io.keelson.oci.monitor.Monitored;
import io.keelson.oci.runtime.ExecRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Knows what it was told, and fails where {@link #failing} names the call. */
final class FakeRuntime implements ContainerRuntime {
    final Set<String> failing = new HashSet<>();
    final List<String> done = new ArrayList<>();
    final Map<String, Exit> exits = new HashMap<>();
    final Map<ProcessIdentity, Runnable> followed = new HashMap<>();
    boolean isStarted;
    /** What happens when all processes of a cgroup are killed, the first time. */
    Runnable whenKilled = () -> {};

    private void step(String name, String about) {
        done.add(name + " " + about);
        if (failing.contains(name)) {
            throw Failure.wrongState(name + " failed");
        }
    }

    @Override
    public Optional<String> handler(String name) {
        return Optional.of(name.isEmpty() ? "crun" : name);
    }

    @Override
    public void expectCreate() {
        throw new UnsupportedOperationException("nothing is created here");
    }

    @Override
    public Monitored create(Launch launch) {
        throw new UnsupportedOperationException("nothing is created here");
    }

    @Override
    public void start(String handler, ContainerId id) {
        step("start", handler);
    }

    @Override
    public void killAll(String cgroup) {
        step("kill", cgroup);
        var first = whenKilled;
        whenKilled = () -> {};
        first.run();
    }

    @Override
    public void delete(String handler, ContainerId id, String cgroup, Optional<ProcessIdentity> monitor) {
        step("delete", cgroup);
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
    public void onMonitorEnd(ProcessIdentity monitor, Runnable action) {
        followed.put(monitor, action);
    }

    @Override
    public Finished exec(String handler, ExecRequest request) {
        throw new UnsupportedOperationException("nothing is run here");
    }
}
