package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.SecondAttempts;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.cgroup.CgroupPaths;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.files.FileOwner;
import io.keelson.pod.files.SharedMemory;
import io.keelson.pod.namespace.NamespacePinner;
import io.keelson.pod.namespace.NamespaceRequest;
import io.keelson.pod.network.NetworkReadiness;
import io.keelson.pod.network.NetworkRequest;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PodNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * A node on which pods hold things that can be counted: namespaces, addresses, mounts, cgroups, containers. A step that is named in
 * {@link #failing} fails, after it has done its work by half: what it holds is held.
 */
final class FakeNode {
    final Set<String> failing = ConcurrentHashMap.newKeySet();
    /** What is held now: the kind, and whose it is. */
    final Set<String> held = new ConcurrentSkipListSet<>();

    final List<String> done = new CopyOnWriteArrayList<>();
    /** What the network was told of pods that are to be taken off it. */
    final List<String> recalled = new CopyOnWriteArrayList<>();
    /** The limits that each cgroup got last. */
    final Map<String, LinuxResources> limited = new HashMap<>();

    final PodPaths paths;
    final PodCatalog catalog;
    final PodStarter starter;
    final PodStopper stopper;
    final PodRemover remover;
    final PodRestorer restorer;
    final PodUpdater updater;
    final Quarantine quarantine;
    /** Of pods that are made from now on. */
    Optional<ProcessIdentity> init = Optional.empty();

    final Passages passages;
    /** Why the runtime cannot have user namespaces. */
    Optional<String> userNamespaceTrouble = Optional.empty();
    /** Run while a pod is being attached. */
    Runnable whileAttaching = () -> {};
    /** Run while a pod is being detached. */
    Runnable whileDetaching = () -> {};

    private final Path directory;

    /** What fails is not tried again while a test goes on. */
    FakeNode(Path directory) {
        this(directory, new SecondAttempts(Duration.ofHours(1)));
    }

    FakeNode(Path directory, SecondAttempts attempts) {
        this.directory = directory;
        paths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        catalog = new PodCatalog(paths);
        var pinner = new Pinner();
        var network = new Network();
        var memory = new Memory();
        var cgroups = new Groups();
        var containers = new Containers();
        passages = new Passages(List.of(directory.resolve("root")));
        InstantSource clock = () -> Instant.ofEpochSecond(1000);
        var inits = new PodInits(catalog);
        var unfinished = new UnfinishedStarts(paths, pinner, network, memory, cgroups, passages, attempts);
        starter = new PodStarter(
                catalog,
                paths,
                pinner,
                network,
                memory,
                cgroups,
                unfinished,
                Set.of("crun"),
                new UserNamespaceSupport(Path.of("/keelson"), passages, handler -> userNamespaceTrouble),
                () -> "the-host",
                inits,
                clock);
        stopper = new PodStopper(catalog, paths, containers, pinner, network, memory, cgroups, passages);
        updater = new PodUpdater(catalog, paths, cgroups);
        remover = new PodRemover(catalog, paths, stopper, containers, cgroups);
        quarantine = new Quarantine(directory.resolve("quarantine"));
        restorer = new PodRestorer(catalog, paths, unfinished, inits, passages, quarantine, Forks::join);
    }

    /** What a daemon does when it starts. */
    void restore() {
        restorer.restore(FoundPods.read(paths, Forks::join)).run();
    }

    /** The next daemon, on the same disk and in the same kernel. */
    FakeNode restarted() {
        var next = new FakeNode(directory);
        next.held.addAll(held);
        return next;
    }

    /** A pod with everything by default. */
    static PodSpec spec(String name) {
        return new PodSpec(
                new PodMetadata(name, "default", name + "-uid", 0),
                name,
                "/var/log/pods/" + name,
                Optional.empty(),
                List.of(),
                Map.of("app", name),
                Map.of("note", "\u00fcber"),
                "",
                PodSecurity.defaults(),
                Map.of(),
                LinuxResources.NONE,
                LinuxResources.NONE,
                "");
    }

    /** Every file and directory of pods, without the directories that all share. */
    List<String> files() {
        var found = new ArrayList<String>();
        for (var parent : List.of(paths.records(), paths.states())) {
            if (Files.isDirectory(parent)) {
                try (Stream<Path> walk = Files.walk(parent)) {
                    walk.filter(path -> !path.equals(parent)).forEach(path -> found.add(path.toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return found;
    }

    private void hold(String step, String thing) {
        done.add(step);
        held.add(thing);
        failIfTold(step);
    }

    private void release(String step, String thing) {
        done.add(step);
        failIfTold(step);
        held.remove(thing);
    }

    private void failIfTold(String step) {
        if (failing.contains(step)) {
            throw Failure.unavailable(step + " failed");
        }
    }

    private final class Pinner implements NamespacePinner {
        @Override
        public Optional<ProcessIdentity> pin(NamespaceRequest request) {
            // By its contract it leaves nothing when it fails.
            done.add("pin");
            failIfTold("pin");
            held.add("namespaces of " + request.directory().getFileName());
            if (request.ownsNetwork()) {
                touch(request.directory().resolve("net"));
            }
            return init;
        }

        @Override
        public void unpin(Path directory, Optional<ProcessIdentity> init) {
            release("unpin", "namespaces of " + directory.getFileName());
            try {
                Files.deleteIfExists(directory.resolve("net"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void touch(Path file) {
            try {
                Files.createFile(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private final class Network implements PodNetwork {
        @Override
        public PodAddresses attach(NetworkRequest request, BiConsumer<String, Duration> timeline) {
            whileAttaching.run();
            hold("attach", "address of " + request.podId());
            timeline.accept("cni", Duration.ofMillis(1));
            return new PodAddresses("10.1.2.3", List.of("fd00::3"));
        }

        @Override
        public void detach(String podId, Optional<Path> netns) {
            whileDetaching.run();
            release("detach", "address of " + podId);
        }

        @Override
        public Optional<Json.Obj> record(String podId) {
            return Optional.of(Json.object().put("of", podId).build());
        }

        @Override
        public void recall(String podId, Optional<Json.Obj> record) {
            recalled.add(record.map(each -> each.text("of")).orElse("nobody knows how"));
        }

        @Override
        public void check(String podId) {
            throw new UnsupportedOperationException("pods do not ask for it");
        }

        @Override
        public NetworkReadiness readiness() {
            throw new UnsupportedOperationException("pods do not ask for it");
        }

        @Override
        public void restoreHostPorts(Set<String> podIds, Set<String> withoutPorts) {
            throw new UnsupportedOperationException("pods do not ask for it");
        }

        @Override
        public void rebuildHostPorts() {
            throw new UnsupportedOperationException("pods do not ask for it");
        }

        @Override
        public void collectGarbage(Set<String> podIds) {
            throw new UnsupportedOperationException("pods do not ask for it");
        }
    }

    private final class Memory implements SharedMemory {
        @Override
        public void mount(Path directory, FileOwner owner) {
            hold("mount", "memory " + directory);
        }

        @Override
        public void unmount(Path directory) {
            release("unmount", "memory " + directory);
        }
    }

    private final class Groups implements PodCgroups {
        @Override
        public String path(PodId pod, String parent) {
            return CgroupPaths.pod(CgroupDriver.CGROUPFS, parent, pod.hex());
        }

        @Override
        public void limit(PodId pod, String path, LinuxResources limits) {
            limited.put(path, limits);
            hold("limit-cgroup", "cgroup " + path);
        }

        @Override
        public void enter(PodId pod, String path, long pid) {
            hold("enter", "init of " + pod + " in " + path);
        }

        @Override
        public void leave(PodId pod, String path) {
            release("leave", "init of " + pod + " in " + path);
        }

        @Override
        public void remove(String path) {
            release("remove-cgroup", "cgroup " + path);
        }
    }

    private final class Containers implements PodContainers {
        @Override
        public void stopAll(PodId pod) {
            release("stop-containers", "containers of " + pod);
        }

        @Override
        public void removeAll(PodId pod) {
            release("remove-containers", "containers of " + pod);
        }
    }
}
