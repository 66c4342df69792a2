package io.keelson.pod.container;

import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
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
import java.nio.file.Path;
import java.util.Optional;

/** What runs the processes of containers: the node's OCI runtimes, monitors and cgroups. */
public interface ContainerRuntime {
    /**
     * What is to be created, with its configuration in the bundle.
     *
     * @param handler an OCI runtime's name
     * @param cgroup the container's own, below each hierarchy's root
     */
    record Launch(
            ContainerId id,
            String name,
            String handler,
            Path bundle,
            Optional<Path> logPath,
            boolean terminal,
            boolean stdin,
            boolean stdinOnce,
            String cgroup) {}

    /** The handler that a pod means by this name, which is empty for the default one; absent if there is none. */
    Optional<String> handler(String name);

    /** What the runtime that a pod means by this name can do; nothing, if there is none. */
    RuntimeFeatures features(String name);

    /** The least memory limit with which this handler's runtime can start a container at all. */
    long leastMemoryBytes(String handler);

    /** Says that a container will be created soon; returns at once. */
    void expectCreate();

    /** The group that a container of a pod with this one gets; see {@link io.keelson.oci.cgroup.CgroupPaths#container}. */
    ContainerGroup group(String podCgroup, ContainerId id);

    /** Creates the container with a monitor; its process waits. On failure nothing is left. */
    Monitored create(Launch launch);

    /** Lets its process go. */
    void start(String handler, ContainerId id);

    /** The limits of the cgroup as the kernel has them, to be written back if such a change of them comes to nothing. */
    LimitFiles limits(String cgroup, LinuxResources change);

    /** Changes limits; what is zero or empty stays as it is. After a failure some of them may be changed. */
    void update(String handler, ContainerId id, String cgroup, LinuxResources change);

    /** Kills everything in the cgroup and below it, and waits until it is gone. */
    void killAll(String cgroup);

    /** Lets the processes in the cgroup go on, if they are frozen. */
    void thaw(String cgroup);

    /** How many processes of the cgroup were killed for want of memory; absent if it is gone. */
    Optional<Long> oomKills(String cgroup);

    /** The most memory that the cgroup ever used, in bytes; absent if it is gone, or the kernel does not keep it. */
    Optional<Long> memoryPeak(String cgroup);

    /** Whom the kernel killed last in the cgroup for want of memory; absent if it does not say so, or not to us. */
    Optional<OomVictim> oomVictim(String cgroup);

    /** Has the runtime forget a container that has ended, and removes its cgroups. What its monitor wrote stays. */
    void release(String handler, ContainerId id, String cgroup);

    /**
     * Has everybody forget the container: the runtime, the cgroups, the monitor and its files. It is killed if it runs. Absence
     * is success.
     *
     * @param monitor absent if it was never known
     */
    void delete(String handler, ContainerId id, String cgroup, Optional<ProcessIdentity> monitor);

    /** The same of a container of which nothing but its id is known: kills it if it runs, and has the runtimes forget it. */
    void deleteUnknown(ContainerId id);

    /** Whether its process was let go; false also if the runtime does not know it. */
    boolean isStarted(String handler, ContainerId id);

    /** How it ended, once its monitor has written that down. */
    Optional<Exit> exit(ContainerId id);

    /** Looks after a container's monitor, and calls back, on a thread of its own, when it has ended; at once if it has. */
    void onMonitorEnd(ContainerId id, ProcessIdentity monitor, Runnable action);

    Finished exec(String handler, ExecRequest request);

    /** Starts a command in the container for somebody who talks with it; the caller closes it. */
    RunningCommand converse(String handler, ConversationRequest request);

    /** Ends what commands a daemon before this one ran in the container, before there are new ones; does not wait for the end. */
    void endAbandonedCommands(String handler, String cgroup);
}
