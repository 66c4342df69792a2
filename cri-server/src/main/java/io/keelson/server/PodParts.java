package io.keelson.server;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.SecondAttempts;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.host.record.SetAside;
import io.keelson.image.ImageCatalog;
import io.keelson.image.layer.KernelLayers;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.oci.cgroup.Cgroups;
import io.keelson.oci.monitor.ExitFiles;
import io.keelson.oci.monitor.ExitRoom;
import io.keelson.oci.monitor.MonitorLauncher;
import io.keelson.oci.monitor.MonitorPaths;
import io.keelson.oci.runtime.OciRuntime;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.runtime.RuntimeHandler;
import io.keelson.pod.LifeListener;
import io.keelson.pod.Passages;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodInits;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodRemover;
import io.keelson.pod.PodRestorer;
import io.keelson.pod.PodStarter;
import io.keelson.pod.PodStopper;
import io.keelson.pod.PodUpdater;
import io.keelson.pod.Quarantine;
import io.keelson.pod.UnfinishedStarts;
import io.keelson.pod.UserNamespaceSupport;
import io.keelson.pod.container.CommandRunner;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerCreator;
import io.keelson.pod.container.ContainerEnds;
import io.keelson.pod.container.ContainerLogs;
import io.keelson.pod.container.ContainerNode;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerRemover;
import io.keelson.pod.container.ContainerRestorer;
import io.keelson.pod.container.ContainerStarter;
import io.keelson.pod.container.ContainerStopper;
import io.keelson.pod.container.ContainerUpdater;
import io.keelson.pod.container.ExecSync;
import io.keelson.pod.container.NodeAdditions;
import io.keelson.pod.container.OciContainers;
import io.keelson.pod.container.OverlayRoots;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.history.History;
import io.keelson.pod.history.HistoryDirectory;
import io.keelson.pod.namespace.ThreadNamespacePinner;
import io.keelson.pod.network.CniPodNetwork;
import io.keelson.pod.network.PodNetwork;
import io.keelson.pod.stats.ContainerMetricsReader;
import io.keelson.pod.stats.HostDisk;
import io.keelson.pod.stats.Meters;
import io.keelson.pod.stats.Moments;
import io.keelson.pod.stats.PodMetricsReader;
import io.keelson.pod.stats.PodNetworks;
import io.keelson.pod.stats.PodUsageReader;
import io.keelson.pod.stats.Sampler;
import io.keelson.pod.stats.UsageReader;
import io.keelson.pod.stats.WritableLayers;
import io.keelson.pod.stream.ContainerAttach;
import io.keelson.pod.stream.ContainerExec;
import io.keelson.pod.stream.PodPorts;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.OciRuntimes;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.rpc.RuntimeCalls.ContainerVerbs;
import io.keelson.server.rpc.RuntimeCalls.PodVerbs;
import io.keelson.server.rpc.Streams;
import io.keelson.server.stream.StreamServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the parts list that is about pods and the containers in them. */
final class PodParts {
    private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");
    private static final Logger log = LoggerFactory.getLogger(PodParts.class);

    private final PodNetwork network;
    private final OciContainers runtime;
    private final UserNamespaceSupport userNamespaces;
    private final RootFilesystems filesystems;
    private final ContainerCatalog containers;
    private final PodVerbs podVerbs;
    private final ContainerVerbs containerVerbs;
    private final Quarantine quarantine;
    private final PodRestorer podRestorer;
    private final ContainerRestorer containerRestorer;
    private final ExitFiles exits;
    private final ContainerEnds ends;
    private final LifeEvents events;
    private final ContainerUpdater updater;
    private final PodUpdater podUpdater;
    private final Meters meters;
    private final History history;
    private final WritableLayers layers;
    private final Sampler sampler;
    private final List<Runnable> followers = new ArrayList<>();

    PodParts(
            Configuration configuration,
            OciRuntimes programs,
            ImageCatalog images,
            StreamServer streams,
            WorkListener work,
            Parts parts) {
        var root = configuration.storage().root();
        var state = configuration.storage().state();
        var clock = InstantSource.system();
        var processes = new SpawnedProcesses();
        var cgroups = Cgroups.detect(Cgroups.MOUNTED);
        DurableFiles.mkdirs(networkRecords(configuration));

        network = new CniPodNetwork(configuration.network().settings(networkRecords(configuration)), processes, work);
        var podPaths = new PodPaths(root, state);
        var pods = new PodCatalog(podPaths);
        var pinner =
                new ThreadNamespacePinner(processes, configuration.runtime().init());
        var sharedMemory = SharedMemory.tmpfs();
        var groups = CgroupParts.of(configuration.runtime(), cgroups, parts);
        var podCgroups = groups.pods();

        var monitorPaths = MonitorPaths.below(state);
        parts.add(ExitRoom.open(monitorPaths));
        exits = new ExitFiles(monitorPaths);
        runtime = new OciContainers(
                runtimes(programs, processes, cgroups, groups, state),
                programs.defaultName(),
                new MonitorLauncher(processes, configuration.runtime().monitor(), monitorPaths, groups.removal()),
                groups.monitors(),
                exits,
                cgroups,
                groups.driver(),
                configuration.runtime().containerGroupPrefix(),
                groups.removal(),
                work);
        filesystems = new RootFilesystems(
                state.resolve("layers"),
                KernelLayers.choose(configuration.storage().layerStore()));
        var roots = new OverlayRoots(filesystems);
        var paths = new ContainerPaths(root, state);
        containers = new ContainerCatalog(paths);
        ends = new ContainerEnds(containers, paths, runtime, clock);
        events = new LifeEvents(pods, containers, clock);
        var moments = new Moments(clock, System::nanoTime);
        meters = parts.add(new Meters(cgroups, moments));
        layers = new WritableLayers(containers, paths, clock);
        sampler = new Sampler(pods, containers, meters);
        history = new History(new HistoryDirectory(root), pods, containers, clock);
        pods.tell(LifeListener.both(LifeListener.both(events, meters), history));
        containers.tell(LifeListener.both(LifeListener.both(events, meters), history));
        var stopper = new ContainerStopper(containers, paths, runtime);
        var remover = new ContainerRemover(containers, paths, runtime, roots, stopper);

        var usage = new UsageReader(containers, meters, layers);
        var networks = new PodNetworks(podPaths, moments);
        var inits = new PodInits(pods);
        var passages = new Passages(List.of(root, paths.records()));
        userNamespaces = new UserNamespaceSupport(root, passages, this::userNamespaceTrouble);
        // What is in the way of a removal, or of the way back of a start, now may be gone later, and nobody asks again
        // for what is no longer wanted.
        var attempts = parts.add(new SecondAttempts());
        var unfinished = new UnfinishedStarts(podPaths, pinner, network, sharedMemory, podCgroups, passages, attempts);
        var podStopper = new PodStopper(pods, podPaths, remover, pinner, network, sharedMemory, podCgroups, passages);
        var podRemover = new PodRemover(pods, podPaths, podStopper, remover, podCgroups);
        podUpdater = new PodUpdater(pods, podPaths, podCgroups);
        var containerNode = ContainerNode.current(
                cgroups.layout(), configuration.containers().rlimits());
        podVerbs = new PodVerbs(
                pods,
                new PodStarter(
                        pods,
                        podPaths,
                        pinner,
                        network,
                        sharedMemory,
                        podCgroups,
                        unfinished,
                        programs.programs().keySet(),
                        userNamespaces,
                        PodParts::hostname,
                        inits,
                        clock),
                podStopper,
                id -> attempts.run("remove pod " + id, () -> podRemover.remove(id)),
                new PodUsageReader(pods, networks, usage, meters, clock),
                metricsReader(pods, networks, usage, root, containerNode),
                podUpdater);
        updater = new ContainerUpdater(containers, paths, runtime, containerNode.resources());
        var commands = new CommandRunner(containers, paths, runtime);
        containerVerbs = new ContainerVerbs(
                containers,
                new ContainerCreator(new ContainerCreator.Parts(
                        pods,
                        podPaths,
                        containers,
                        paths,
                        images,
                        roots,
                        runtime,
                        remover,
                        ends,
                        containerNode,
                        additions(configuration),
                        clock)),
                new ContainerStarter(containers, runtime, clock),
                stopper,
                id -> attempts.run("remove container " + id, () -> remover.remove(id)),
                updater,
                new ExecSync(commands),
                new ContainerLogs(containers, paths),
                usage,
                new Streams(
                        containers,
                        pods,
                        new ContainerExec(commands),
                        new ContainerAttach(containers, paths),
                        new PodPorts(pods, podPaths),
                        streams));

        podVerbs.starter().tell(work);
        containerVerbs.creator().tell(work);

        quarantine = new Quarantine(root.resolve("quarantine"));
        podRestorer = new PodRestorer(pods, podPaths, unfinished, inits, passages, quarantine, Forks::join);
        containerRestorer = new ContainerRestorer(
                pods, containers, paths, runtime, remover, roots, ends, quarantine, clock, Forks::join);
    }

    private PodMetricsReader metricsReader(
            PodCatalog pods, PodNetworks networks, UsageReader usage, Path root, ContainerNode node) {
        var pageSizes = node.resources().pageSizes().stream().sorted().toList();
        return new PodMetricsReader(
                pods, networks, usage, new ContainerMetricsReader(meters, layers, new HostDisk(root), pageSizes));
    }

    private static Path networkRecords(Configuration configuration) {
        return configuration.storage().root().resolve("networks");
    }

    private static NodeAdditions additions(Configuration configuration) {
        var additions = configuration.containers().additions();
        additions.warn();
        return additions;
    }

    private static Map<String, OciRuntime> runtimes(
            OciRuntimes programs, SpawnedProcesses processes, Cgroups cgroups, CgroupParts groups, Path state) {
        var runtimes = new HashMap<String, OciRuntime>();
        programs.programs().forEach((name, program) -> {
            var handler =
                    new RuntimeHandler(name, program, state.resolve("runtimes").resolve(name), groups.environment());
            DurableFiles.mkdirs(handler.root());
            runtimes.put(name, new OciRuntime(processes, handler, groups.driver(), cgroups));
        });
        return runtimes;
    }

    static String hostname() {
        try {
            return Files.readString(HOSTNAME).strip();
        } catch (IOException e) {
            throw Failure.internal("cannot read the node's host name", e);
        }
    }

    /** The records of pods and containers that could not be used. */
    SetAside setAside() {
        return quarantine.setAside();
    }

    PodNetwork network() {
        return network;
    }

    RootFilesystems filesystems() {
        return filesystems;
    }

    ContainerCatalog containers() {
        return containers;
    }

    UserNamespaceSupport userNamespaces() {
        return userNamespaces;
    }

    private Optional<String> userNamespaceTrouble(String handler) {
        var features = runtime.features(handler);
        return features.idMappedMounts()
                ? Optional.empty()
                : Optional.of(features.problem().orElse(features.version() + " cannot map the ids of mounts"));
    }

    RuntimeFeatures runtimeFeatures(String handler) {
        return runtime.features(handler);
    }

    PodVerbs podVerbs() {
        return podVerbs;
    }

    ContainerVerbs containerVerbs() {
        return containerVerbs;
    }

    ContainerEnds ends() {
        return ends;
    }

    LifeEvents events() {
        return events;
    }

    /** Brings back what was there, before the first question is answered. */
    void restore(EarlyRecords records, Parts parts) {
        parts.add(podVerbs.starter());
        parts.add(containerVerbs.creator());
        followers.add(podRestorer.restore(records.pods().get()));
        var hostPorts = Forks.begin(
                "host-ports",
                Executors.callable(
                        () -> network.restoreHostPorts(podRestorer.readyPods(), podRestorer.podsWithoutPorts())));
        followers.add(containerRestorer.restore(records.containers().get()));
        var _ = hostPorts.get();
        updater.settle();
        podUpdater.settle();
        parts.add(history.start());
        parts.add(exits.watch(ends::tell));
        parts.add(sampler.start());
        parts.add(layers.start());
    }

    /** What nobody has to wait for: seeing ends, host ports, what pods of another boot still hold, and what networks keep for nobody. */
    void tidyUp() {
        followers.forEach(Runnable::run);
        attempt("rebuild host ports", network::rebuildHostPorts);
        for (var pod : podRestorer.unreleased()) {
            attempt(
                    "release what pod " + pod + " holds",
                    () -> podVerbs.stopper().stop(pod));
        }
        network.collectGarbage(podRestorer.attachedPods());
    }

    private static void attempt(String what, Runnable step) {
        try {
            step.run();
        } catch (Failure e) {
            log.atWarn().addKeyValue("event", "tidy-up-failed").log("cannot {}: {}", what, e.getMessage());
        }
    }
}
