package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ContainerState;
import io.keelson.proto.ContainerStatus;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PortMapping;
import io.keelson.proto.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import tools.jackson.databind.json.JsonMapper;

/**
 * A node whose daemon is killed again and again, at points or at times, each time in the midst of a request. Whatever that leaves, the next
 * daemon starts, the same request succeeds, a container that has nothing to do with it runs on, and when everything is removed nothing is left.
 */
final class ChaosScene implements AutoCloseable {
    /** What is pulled and removed; the other one stays. */
    static final String IMAGE = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";

    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final int KILLED = 128 + 9;
    /** How long the longest of the requests takes here, about: a kill may come at any time of it. */
    private static final int LONGEST_MILLIS = 1200;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Node node;
    private final Path agent;
    private final String bystander;
    private final long bystandersPid;
    private final String bystandersPod;
    private final Leftovers leftovers;
    private int pods;
    private String handler = "";
    private PodSandboxConfig pod = PodSandboxConfig.getDefaultInstance();
    private String podId = "";
    private String containerId = "";

    ChaosScene(Path directory) throws IOException, InterruptedException {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        agent = agentJar(directory.resolve("kill-agent.jar"));
        Requests.prepare(node, BUSYBOX, IMAGE);
        Requests.removeImage(cri(), IMAGE);
        var config = Requests.pod(node.place(), "bystander").build();
        bystandersPod = Requests.run(cri(), config);
        bystander = Requests.start(cri(), bystandersPod, config, idle());
        bystandersPid = pid(bystander);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    private static Path agentJar(Path jar) throws IOException {
        var manifest = new Manifest();
        var attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Agent-Class", KillAgent.class.getName());
        attributes.putValue("Premain-Class", KillAgent.class.getName());
        attributes.putValue("Can-Retransform-Classes", "true");
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (var type : List.of("KillAgent", "KillAgent$1", "KillAgent$Trap", "KillSpot")) {
                out.putNextEntry(new JarEntry("io/keelson/e2e/" + type + ".class"));
                try (var in = KillAgent.class.getResourceAsStream(type + ".class")) {
                    in.transferTo(out);
                }
            }
        }
        return jar;
    }

    Cri cri() {
        return node.cri();
    }

    String podId() {
        return podId;
    }

    String containerId() {
        return containerId;
    }

    /** The same pod for the same run. */
    void runPod() {
        podId = Requests.run(cri(), pod, handler);
    }

    /** The same container for the same run. */
    void create() {
        containerId = Requests.create(cri(), podId, pod, idle());
    }

    void runContainer() {
        runPod();
        containerId = Requests.start(cri(), podId, pod, idle());
    }

    private static ContainerConfig idle() {
        return Requests.container("idle", BUSYBOX, List.of("sleep", "100000")).build();
    }

    ContainerStatus container() {
        return Requests.status(cri(), containerId);
    }

    boolean hasImage() {
        return cri()
                .images(Requests.DEADLINE)
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList()
                .stream()
                .anyMatch(image -> image.getRepoTagsList().contains(IMAGE));
    }

    /** All but the bystander's. */
    List<PodSandbox> otherPods() {
        return cri()
                .runtime(Requests.DEADLINE)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()
                .stream()
                .filter(each -> !each.getId().equals(bystandersPod))
                .toList();
    }

    /** A client that talks with a command in the container. */
    StreamClient talk(String... command) throws IOException {
        var url = cri().runtime(Requests.DEADLINE)
                .exec(ExecRequest.newBuilder()
                        .setContainerId(containerId)
                        .addAllCmd(List.of(command))
                        .setStdout(true)
                        .setStderr(true)
                        .build())
                .getUrl();
        return StreamClient.start(node.place().directory(), "talk", StreamProtocol.SPDY, List.of(url));
    }

    /**
     * The daemon dies at the point. With another seed than 0 chance decides who runs the containers, and whether the next daemon is killed
     * while it starts.
     */
    void survives(KillPoint point, long seed) throws Exception {
        var random = begin(seed);
        point.deed().prepare(this);
        arm(point.spot());
        var request = request(point.deed());
        assertThat(node.awaitEnd()).as("how the daemon ended").isEqualTo(KILLED);
        request.join();
        if (point.recovery().isPresent()) {
            assertThat(node.startUntilItEnds(armed(point.recovery().get())))
                    .as("how the daemon that recovers ended")
                    .isEqualTo(KILLED);
        }
        recover(point.deed(), seed != 0 && random.nextBoolean(), random);
    }

    /** The daemon is killed at some time while the request is under way, or just before, or just after. */
    void survivesAnyTime(Deed deed, long seed) throws Exception {
        var random = begin(seed);
        deed.prepare(this);
        var request = request(deed);
        Thread.sleep(random.nextInt(LONGEST_MILLIS));
        node.kill();
        request.join();
        recover(deed, random.nextBoolean(), random);
    }

    private Random begin(long seed) throws IOException {
        var random = new Random(seed);
        handler = seed != 0 && random.nextBoolean() ? "runc" : "";
        var name = "chaos-" + ++pods;
        pod = Requests.pod(node.place(), name)
                .addPortMappings(PortMapping.newBuilder()
                        .setProtocol(Protocol.TCP)
                        .setContainerPort(80)
                        .setHostPort(FreePorts.take()))
                .build();
        return random;
    }

    /** What it answers is nobody's business: the daemon dies over it. */
    private CompletableFuture<Void> request(Deed deed) {
        return CompletableFuture.runAsync(() -> {
                    try {
                        deed.request(this);
                    } catch (Exception | AssertionError e) {
                        // As was to be.
                    }
                })
                .orTimeout(2, TimeUnit.MINUTES);
    }

    private void recover(Deed deed, boolean isKilledAgain, Random random) throws Exception {
        if (isKilledAgain) {
            node.startAndKill(Duration.ofMillis(random.nextInt(LONGEST_MILLIS)));
        }
        node.restart();
        assertThat(Requests.status(cri(), bystander).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(pid(bystander)).isEqualTo(bystandersPid);
        deed.request(this);
        deed.verify(this);
        otherPods().forEach(each -> Requests.removePod(cri(), each.getId()));
        Requests.removeImage(cri(), IMAGE);
        leftovers.assertNone();
    }

    private long pid(String container) {
        return JSON.readTree(Requests.inspect(cri(), container).getInfoOrThrow("info"))
                .at("/pid")
                .longValue();
    }

    private void arm(KillSpot spot) throws Exception {
        var daemon = VirtualMachine.attach(Long.toString(node.pid()));
        try {
            daemon.loadAgent(agent.toString(), spot.text());
        } finally {
            daemon.detach();
            // The JVM takes its socket away when it ends, but not when it is killed.
            Files.deleteIfExists(Path.of("/tmp/.java_pid" + node.pid()));
        }
    }

    private Map<String, String> armed(KillSpot spot) {
        return Map.of("JDK_JAVA_OPTIONS", "\"-javaagent:" + agent + "=" + spot.text() + "\"");
    }

    @Override
    public void close() {
        node.close();
    }
}
