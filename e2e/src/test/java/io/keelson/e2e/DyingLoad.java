package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.Container;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Pods that come and go, by several callers that repeat what failed as kubelet does, while the daemon is killed time and again, within
 * four seconds of each start. Afterwards everybody agrees on what there is: the callers, the daemon, the OCI runtime, the processes,
 * the mounts, the network.
 */
final class DyingLoad {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final int CALLERS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Fewer would say little: each finds the callers somewhere else. */
    private static final int LEAST_KILLS = 6;

    private static final int SHORTEST_LIFE_MILLIS = 100;
    private static final int LONGEST_LIFE_MILLIS = 4000;
    /** Few pods are soon all there, and made anew in less than this. */
    private static final int LIFE_MILLIS_A_POD = 250;

    private final Node node;
    private final Random random;
    private final AtomicBoolean isOver = new AtomicBoolean();

    /** What was done. */
    record Report(int kills, int cycles, int pods) {}

    private DyingLoad(Node node, long seed) {
        this.node = node;
        random = new Random(seed);
    }

    /** On a node of its own below the directory, with so many pods, for so long, and longer until it was killed a few times. */
    static Report run(Path directory, int pods, Duration length, long seed) throws Exception {
        try (var node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()))) {
            Requests.prepare(node, BUSYBOX);
            var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
            var report = new DyingLoad(node, seed).run(pods, length);
            Requests.removeAllPods(node.cri());
            leftovers.assertNone();
            return report;
        }
    }

    private Report run(int pods, Duration length) throws Exception {
        var kills = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<LoadCaller>();
            var calling = new ArrayList<Future<?>>();
            for (var number = 0; number < Math.min(CALLERS, pods); number++) {
                var caller = new LoadCaller(node.place(), BUSYBOX, number, pods, CALLERS, random.nextLong());
                callers.add(caller);
                calling.add(threads.submit(() -> {
                    caller.callUntil(isOver);
                    return null;
                }));
            }
            try {
                var end = System.nanoTime() + length.toNanos();
                var longest = Math.min(LONGEST_LIFE_MILLIS, LIFE_MILLIS_A_POD * pods);
                while (System.nanoTime() < end || kills < LEAST_KILLS) {
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(SHORTEST_LIFE_MILLIS, longest));
                    node.kill();
                    node.restart();
                    kills++;
                }
            } finally {
                isOver.set(true);
            }
            for (var each : calling) {
                each.get();
            }
            var expected = callers.stream().flatMap(LoadCaller::known).toList();
            Awaitility.await("everybody agrees").atMost(PATIENCE).untilAsserted(() -> assertAgreed(expected));
            return new Report(
                    kills, callers.stream().mapToInt(LoadCaller::cycles).sum(), expected.size());
        }
    }

    private void assertAgreed(List<LoadCaller.Known> expected) throws Exception {
        var runtime = node.cri().runtime(Requests.DEADLINE);
        var pods = names(expected, LoadCaller.Known::pod);
        var containers = names(expected, LoadCaller.Known::container);
        assertThat(names(
                        runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                                .getItemsList(),
                        PodSandbox::getId))
                .as("pods that the daemon lists")
                .isEqualTo(pods);
        assertThat(names(
                        runtime.listContainers(ListContainersRequest.getDefaultInstance())
                                .getContainersList(),
                        Container::getId))
                .as("containers that the daemon lists")
                .isEqualTo(containers);
        assertThat(runtimesContainers()).as("containers that crun lists").isEqualTo(containers);
        assertThat(NodeProcesses.monitors(node.place())).as("monitors").hasSameSizeAs(containers);
        assertThat(mounted("containers", "rootfs")).as("root file systems").isEqualTo(containers);
        assertThat(NodeProcesses.ipcNamespacesBelow(node.place().state()))
                .as("pinned namespaces")
                .hasSameSizeAs(pods);
        assertThat(leases())
                .as("leases")
                .isEqualTo(names(
                        pods,
                        id -> Requests.podStatus(node.cri(), id).getNetwork().getIp()));
        assertThat(children(Path.of("/sys/class/net", node.place().bridge(), "brif")))
                .as("interfaces")
                .hasSameSizeAs(pods);
    }

    private static <T> Set<String> names(Iterable<T> things, Function<T, String> name) {
        var names = new TreeSet<String>();
        things.forEach(thing -> names.add(name.apply(thing)));
        return names;
    }

    private Set<String> runtimesContainers() throws Exception {
        var said = Program.run(
                        node.place().directory(),
                        List.of("crun", "--root=" + node.place().state().resolve("runtimes/crun"), "list", "--quiet"))
                .expectSuccess();
        return said.lines().filter(line -> !line.isBlank()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The objects of this kind that have something mounted under this name. */
    private Set<String> mounted(String kind, String name) throws IOException {
        var objects = node.place().root().resolve(kind);
        return NodeProcesses.mountsBelow(objects).stream()
                .filter(point -> point.endsWith("/" + name))
                .map(point -> objects.relativize(Path.of(point)).getName(0).toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> leases() throws IOException {
        try (var walk = Files.walk(node.place().leases())) {
            return walk.map(path -> path.getFileName().toString())
                    .filter(node.place()::namesAddress)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> children = Files.exists(directory) ? Files.list(directory) : Stream.empty()) {
            return children.toList();
        }
    }
}
