package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.SecondAttempts;
import io.keelson.host.process.Finished;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.layer.Layer;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.image.rootfs.UserRequest;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.cgroup.ContainerGroup;
import io.keelson.oci.cgroup.HostResources;
import io.keelson.oci.cgroup.LimitFiles;
import io.keelson.oci.cgroup.OomVictim;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.oci.monitor.Exit;
import io.keelson.oci.monitor.Monitored;
import io.keelson.oci.runtime.ConversationRequest;
import io.keelson.oci.runtime.ExecRequest;
import io.keelson.oci.runtime.RunningCommand;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.KernelVersion;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.spec.Machine;
import io.keelson.pod.FoundPods;
import io.keelson.pod.Passages;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodCgroups;
import io.keelson.pod.PodId;
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
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerCreator;
import io.keelson.pod.container.ContainerEnds;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerNode;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerRemover;
import io.keelson.pod.container.ContainerRestorer;
import io.keelson.pod.container.ContainerRoots;
import io.keelson.pod.container.ContainerRuntime;
import io.keelson.pod.container.ContainerStarter;
import io.keelson.pod.container.ContainerStopper;
import io.keelson.pod.container.ContainerUpdater;
import io.keelson.pod.container.FoundContainers;
import io.keelson.pod.container.NodeAdditions;
import io.keelson.pod.files.FileOwner;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.namespace.NamespaceRequest;
import io.keelson.pod.network.NetworkReadiness;
import io.keelson.pod.network.NetworkRequest;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Pods, containers and images as the daemon puts them together, on a simulated disk and in a simulated kernel. */
final class PodNode {
    static final Instant NOW = Instant.ofEpochSecond(1000);
    private static final int KILLED = 137;
    private static final HostResources RESOURCES = new HostResources(false, true, true, Set.of(), "0-1", "0");
    private static final ContainerNode MACHINE = new ContainerNode(
            new Capabilities((1L << 41) - 1),
            new Machine("amd64", new KernelVersion(6, 18), 1),
            RESOURCES,
            SecurityModules.at(Path.of("/nowhere")),
            0,
            List.of());

    final ImageNode images;
    final PodCatalog pods;
    final ContainerCatalog containers;
    final PodStarter starter;
    final PodStopper stopper;
    final PodRemover remover;
    final ContainerCreator creator;
    final ContainerStarter containerStarter;
    final ContainerStopper containerStopper;
    final ContainerRemover containerRemover;
    final Quarantine quarantine;
    private final SimulatedKernel kernel;
    private final AtomicInteger looks = new AtomicInteger();
    /** No two looks at it show the same, so that what was made first is first in every list. */
    private final InstantSource clock = () -> NOW.plusMillis(looks.getAndIncrement());

    private final Map<ContainerId, Runnable> whenMonitorEnds = new ConcurrentHashMap<>();

    PodNode(SimulatedDisk disk, SimulatedKernel kernel, RegistryClient client) {
        this.kernel = kernel;
        var root = disk.root().resolve("root");
        var state = disk.root().resolve("state");
        images = new ImageNode(root, client);
        var podPaths = new PodPaths(root, state);
        pods = new PodCatalog(podPaths);
        var pinner = new Pinner();
        var network = new Network(root.resolve("networks"));
        var memory = new Memory();
        var groups = new Groups();
        var runtime = new SimulatedRuntime();
        var roots = new Roots();
        var paths = new ContainerPaths(root, state);
        containers = new ContainerCatalog(paths);
        var ends = new ContainerEnds(containers, paths, runtime, clock);
        containerStopper = new ContainerStopper(containers, paths, runtime);
        containerRemover = new ContainerRemover(containers, paths, runtime, roots, containerStopper);
        var inits = new PodInits(pods);
        var passages = new Passages(List.of());
        var userNamespaces = new UserNamespaceSupport(Path.of("/"), passages, _ -> Optional.empty());
        var unfinished =
                new UnfinishedStarts(podPaths, pinner, network, memory, groups, passages, new SecondAttempts());
        stopper = new PodStopper(pods, podPaths, containerRemover, pinner, network, memory, groups, passages);
        starter = new PodStarter(
                pods,
                podPaths,
                pinner,
                network,
                memory,
                groups,
                unfinished,
                Set.of(),
                userNamespaces,
                () -> "node",
                inits,
                clock);
        remover = new PodRemover(pods, podPaths, stopper, containerRemover, groups);
        creator = new ContainerCreator(
                new ContainerCreator.Parts(
                        pods,
                        podPaths,
                        containers,
                        paths,
                        images.catalog,
                        roots,
                        runtime,
                        containerRemover,
                        ends,
                        MACHINE,
                        new NodeAdditions(List.of(), List.of()),
                        clock),
                new InTurn());
        containerStarter = new ContainerStarter(containers, runtime, clock);
        quarantine = new Quarantine(root.resolve("quarantine"));
        var restorer = new PodRestorer(pods, podPaths, unfinished, inits, passages, quarantine, new InTurn());
        restorer.restore(FoundPods.read(podPaths, new InTurn())).run();
        new ContainerRestorer(
                        pods,
                        containers,
                        paths,
                        runtime,
                        containerRemover,
                        roots,
                        ends,
                        quarantine,
                        clock,
                        new InTurn())
                .restore(FoundContainers.read(paths, new InTurn()))
                .run();
        new ContainerUpdater(containers, paths, runtime, RESOURCES).settle();
        new PodUpdater(pods, podPaths, groups).settle();
        images.remover.removeUnusedLayers();
        restorer.unreleased().forEach(stopper::stop);
        network.collectGarbage(restorer.attachedPods());
    }

    private final class Pinner implements NamespacePinner {
        @Override
        public Optional<ProcessIdentity> pin(NamespaceRequest request) {
            kernel.hold("namespaces " + request.directory().getFileName());
            try {
                Files.createFile(request.directory().resolve("net"));
            } catch (IOException e) {
                kernel.release("namespaces " + request.directory().getFileName());
                throw DurableFiles.failed("pin namespaces in", request.directory(), e);
            }
            return Optional.empty();
        }

        @Override
        public void unpin(Path directory, Optional<ProcessIdentity> init) {
            kernel.release("namespaces " + directory.getFileName());
            try {
                Files.deleteIfExists(directory.resolve("net"));
            } catch (IOException e) {
                throw DurableFiles.failed("unpin namespaces in", directory, e);
            }
        }
    }

    /** Takes no pod off that it knows nothing of; what it knows lies in files that it does not synchronise. */
    private final class Network implements PodNetwork {
        private final Path records;

        Network(Path records) {
            this.records = records;
            DurableFiles.mkdirs(records);
        }

        @Override
        public PodAddresses attach(NetworkRequest request, BiConsumer<String, Duration> timeline) {
            var record = Json.object().put("pod", request.podId()).build();
            DurableFiles.place(records.resolve(request.podId()), record.toBytes());
            kernel.hold("address " + request.podId());
            return new PodAddresses("10.1.2.3", List.of());
        }

        @Override
        public Optional<Json.Obj> record(String podId) {
            return known(podId).filter(bytes -> bytes.length > 0).map(Json::parseObject);
        }

        private Optional<byte[]> known(String podId) {
            return DurableFiles.find(records.resolve(podId), 1000);
        }

        @Override
        public void recall(String podId, Optional<Json.Obj> record) {
            record.ifPresent(each -> assertThat(each.text("pod")).isEqualTo(podId));
            if (known(podId).isEmpty()) {
                DurableFiles.place(records.resolve(podId), new byte[0]);
            }
        }

        @Override
        public void detach(String podId, Optional<Path> netns) {
            if (known(podId).isPresent()) {
                kernel.release("address " + podId);
                DurableFiles.discard(records.resolve(podId));
            }
        }

        @Override
        public void check(String podId) {}

        @Override
        public NetworkReadiness readiness() {
            throw new UnsupportedOperationException("nobody asks");
        }

        @Override
        public void restoreHostPorts(Set<String> podIds, Set<String> withoutPorts) {}

        @Override
        public void rebuildHostPorts() {}

        @Override
        public void collectGarbage(Set<String> podIds) {
            for (var file : files()) {
                var podId = file.getFileName().toString();
                if (podId.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
                    DurableFiles.discard(file);
                } else if (!podIds.contains(podId)) {
                    detach(podId, Optional.empty());
                }
            }
        }

        private List<Path> files() {
            try (var files = Files.list(records)) {
                return files.toList();
            } catch (IOException e) {
                throw DurableFiles.failed("list", records, e);
            }
        }
    }

    private final class Memory implements SharedMemory {
        @Override
        public void mount(Path directory, FileOwner owner) {
            kernel.hold("memory " + directory);
        }

        @Override
        public void unmount(Path directory) {
            kernel.release("memory " + directory);
        }
    }

    private final class Groups implements PodCgroups {
        @Override
        public String path(PodId pod, String parent) {
            return CgroupPaths.pod(CgroupDriver.CGROUPFS, parent, pod.hex());
        }

        @Override
        public void limit(PodId pod, String path, LinuxResources limits) {
            kernel.hold("cgroup " + path);
        }

        @Override
        public void enter(PodId pod, String path, long pid) {
            kernel.hold("cgroup " + path);
        }

        @Override
        public void leave(PodId pod, String path) {}

        @Override
        public void remove(String path) {
            kernel.release("cgroup " + path);
        }
    }

    private final class Roots implements ContainerRoots {
        @Override
        public Path mount(List<Layer> layers, Path containerDirectory, IdMap ids) {
            kernel.hold("root " + containerDirectory);
            return containerDirectory.resolve("root");
        }

        @Override
        public Path mountImage(List<Layer> layers, Path directory, int number, String subPath, IdMap ids) {
            throw new UnsupportedOperationException("no container has images mounted here");
        }

        @Override
        public void makeDirectory(Path root, String directory, IdMap ids) {}

        @Override
        public ResolvedUser user(Path root, UserRequest request) {
            return new ResolvedUser(0, 0, List.of(0L), "root", "/root");
        }

        @Override
        public void unmount(Path containerDirectory) {
            kernel.release("root " + containerDirectory);
        }
    }

    /** The runtime and its monitors: a container that is killed leaves its exit, until it is deleted. */
    private final class SimulatedRuntime implements ContainerRuntime {
        @Override
        public Optional<String> handler(String name) {
            return Optional.of("crun");
        }

        @Override
        public RuntimeFeatures features(String name) {
            return new RuntimeFeatures("crun", true, true, true, Optional.empty());
        }

        @Override
        public long leastMemoryBytes(String handler) {
            return 0;
        }

        @Override
        public void expectCreate() {}

        @Override
        public ContainerGroup group(String podCgroup, ContainerId id) {
            return CgroupPaths.container(CgroupDriver.CGROUPFS, "", podCgroup, id.hex());
        }

        @Override
        public Monitored create(Launch launch) {
            kernel.hold("cgroup " + launch.cgroup());
            kernel.hold("process " + launch.id());
            // The one process that is surely alive as long as this kernel is.
            var self = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
            return new Monitored(self, self);
        }

        @Override
        public void start(String handler, ContainerId id) {
            if (!kernel.holds("process " + id)) {
                throw Failure.wrongState("there is no process of container " + id);
            }
            if (isStarted(handler, id)) {
                throw Failure.wrongState("the process of container " + id + " runs already");
            }
            kernel.hold("started " + id);
        }

        @Override
        public LimitFiles limits(String cgroup, LinuxResources change) {
            return new LimitFiles(Map.of());
        }

        @Override
        public void update(String handler, ContainerId id, String cgroup, LinuxResources change) {}

        @Override
        public void killAll(String cgroup) {
            var id = new ContainerId(cgroup.substring(cgroup.length() - 64));
            if (kernel.holds("process " + id)) {
                kernel.hold("exit " + id);
                kernel.release("started " + id);
                kernel.release("process " + id);
                Optional.ofNullable(whenMonitorEnds.remove(id)).ifPresent(Runnable::run);
            }
        }

        @Override
        public void thaw(String cgroup) {}

        @Override
        public Optional<Long> oomKills(String cgroup) {
            return Optional.of(0L);
        }

        @Override
        public Optional<Long> memoryPeak(String cgroup) {
            return Optional.empty();
        }

        @Override
        public Optional<OomVictim> oomVictim(String cgroup) {
            return Optional.empty();
        }

        @Override
        public void release(String handler, ContainerId id, String cgroup) {}

        @Override
        public void delete(String handler, ContainerId id, String cgroup, Optional<ProcessIdentity> monitor) {
            kernel.release("started " + id);
            kernel.release("process " + id);
            kernel.release("exit " + id);
            kernel.release("cgroup " + cgroup);
        }

        @Override
        public void deleteUnknown(ContainerId id) {
            kernel.held().stream()
                    .filter(thing -> thing.endsWith(id.hex()) && !thing.startsWith("root"))
                    .sorted()
                    .forEach(kernel::release);
        }

        @Override
        public boolean isStarted(String handler, ContainerId id) {
            return kernel.holds("started " + id);
        }

        @Override
        public Optional<Exit> exit(ContainerId id) {
            return kernel.holds("exit " + id)
                    ? Optional.of(new Exit(id.hex(), KILLED, NOW, Optional.empty()))
                    : Optional.empty();
        }

        /** The power took the monitors with it. It is told at once, so that the order of all that follows is always the same. */
        @Override
        public void onMonitorEnd(ContainerId id, ProcessIdentity monitor, Runnable action) {
            if (kernel.holds("process " + id)) {
                whenMonitorEnds.put(id, action);
            } else {
                action.run();
            }
        }

        @Override
        public Finished exec(String handler, ExecRequest request) {
            throw new UnsupportedOperationException("nothing is run here");
        }

        @Override
        public RunningCommand converse(String handler, ConversationRequest request) {
            throw new UnsupportedOperationException("nothing is run here");
        }

        @Override
        public void endAbandonedCommands(String handler, String cgroup) {}
    }
}
