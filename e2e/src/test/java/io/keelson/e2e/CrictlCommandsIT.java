package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of crictl that a runtime can serve, as an operator would type it. */
class CrictlCommandsIT {
    private static final String SMALL = "registry.k8s.io/pause:3.10.1";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 7000");
    private static final int FORWARDED_BYTES = 100_000_000;
    private static final Map<String, String> NO_LABELS = Map.of();

    @TempDir
    static Path directory;

    private static Node node;
    private static CrictlScene crictl;
    private static Leftovers leftovers;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, CrictlScene.BUSYBOX);
        crictl = new CrictlScene(node);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        crictl.say("rmp", "--force", "--all");
        leftovers.assertNone();
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
    }

    /** So that none is forgotten when crictl gets a new one. */
    @Test
    void everyCommandHasATest() throws Exception {
        var commands = new TreeSet<String>();
        var help = crictl.say("--help");
        help.substring(help.indexOf("COMMANDS:"), help.indexOf("GLOBAL OPTIONS:"))
                .lines()
                .skip(1)
                .map(line -> line.strip().split("[, ]", 2)[0])
                .filter(name -> !name.isEmpty() && !name.equals("help"))
                .forEach(commands::add);
        var covered = Stream.of(CrictlCommandsIT.class, StreamCrictlIT.class, CrictlIT.class)
                .flatMap(tests -> Arrays.stream(tests.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Covers.class))
                .flatMap(method ->
                        Arrays.stream(method.getAnnotation(Covers.class).value()))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(commands).hasSizeGreaterThan(30);
        assertThat(covered).isEqualTo(commands);
    }

    @Test
    @Covers({"runp", "create", "start", "stop", "rm", "stopp", "rmp", "run"})
    void podsAndContainersComeAndGo() throws Exception {
        var podFile = crictl.pod("life", NO_LABELS);
        var pod = crictl.say("runp", podFile);
        assertThat(pod).matches(ID);
        var container =
                crictl.say("create", "--no-pull", pod, crictl.container("c", 0, NO_LABELS, "sleep", "1000"), podFile);
        assertThat(container).matches(ID);
        assertThat(stateOf(container)).isEqualTo("CONTAINER_CREATED");
        assertThat(crictl.say("start", container)).isEqualTo(container);
        assertThat(stateOf(container)).isEqualTo("CONTAINER_RUNNING");
        assertThat(node.crictl("rm", container).exitCode()).as("it runs").isNotZero();
        assertThat(crictl.say("stop", "--timeout", "0", container)).isEqualTo(container);
        assertThat(stateOf(container)).isEqualTo("CONTAINER_EXITED");
        assertThat(crictl.say("rm", container)).isEqualTo(container);
        assertThat(node.crictl("inspect", container).stderr()).contains("NotFound");
        assertThat(crictl.say("stopp", pod)).isEqualTo("Stopped sandbox " + pod);
        assertThat(crictl.say("rmp", pod)).isEqualTo("Removed sandbox " + pod);
        assertThat(crictl.lines("pods", "--quiet")).isEmpty();

        var both = crictl.say(
                "run",
                "--no-pull",
                crictl.container("c", 0, NO_LABELS, "sleep", "1000"),
                crictl.pod("both", NO_LABELS));
        assertThat(stateOf(both)).isEqualTo("CONTAINER_RUNNING");
        assertThat(crictl.say("rm", "--force", both)).contains(both);
        assertThat(crictl.lines("rmp", "--force", "--all")).anyMatch(line -> line.startsWith("Removed sandbox "));
    }

    private static String stateOf(String container) throws Exception {
        return crictl.json("inspect", container).at("/status/state").stringValue();
    }

    private static String run(String pod, String file) throws Exception {
        var container = crictl.say("create", "--no-pull", pod, file, crictl.pod("scene", NO_LABELS));
        crictl.say("start", container);
        return container;
    }

    @Test
    @Covers("pods")
    void podsAreFilteredAndShownInEveryForm() throws Exception {
        var front = crictl.say("runp", crictl.pod("front", Map.of("tier", "front", "app", "shop")));
        var back = crictl.say("runp", crictl.pod("back", Map.of("tier", "back", "app", "shop")));
        crictl.say("stopp", front);

        assertThat(crictl.lines("pods", "-q")).containsExactly(back, front);
        assertThat(crictl.lines("pods", "-q", "--id", front.substring(0, 13))).containsExactly(front);
        assertThat(crictl.lines("pods", "-q", "--name", "bac")).containsExactly(back);
        assertThat(crictl.lines("pods", "-q", "--namespace", "e2e")).containsExactly(back, front);
        assertThat(crictl.lines("pods", "-q", "--namespace", "kube-system")).isEmpty();
        assertThat(crictl.lines("pods", "-q", "--state", "ready")).containsExactly(back);
        assertThat(crictl.lines("pods", "-q", "--state", "notready")).containsExactly(front);
        assertThat(crictl.lines("pods", "-q", "--label", "tier=front")).containsExactly(front);
        assertThat(crictl.lines("pods", "-q", "--label", "app=shop", "--label", "tier=back"))
                .containsExactly(back);
        assertThat(crictl.lines("pods", "-q", "--latest")).containsExactly(back);
        assertThat(crictl.lines("pods", "-q", "--last", "1")).containsExactly(back);
        assertThat(crictl.lines("pods", "-q", "--last", "5")).containsExactly(back, front);

        var table = crictl.lines("pods", "-o", "table");
        assertThat(table.getFirst()).startsWith("POD ID").contains("STATE").endsWith("RUNTIME");
        assertThat(table.get(1)).startsWith(back.substring(0, 13)).contains(" Ready ", "back", "e2e", "(default)");
        assertThat(table.get(2)).startsWith(front.substring(0, 13)).contains(" NotReady ");
        assertThat(crictl.say("pods", "--no-trunc")).contains(front, back);
        assertThat(crictl.say("pods", "--verbose")).contains("ID: " + back, "tier -> back", "Status: Ready");
        assertThat(crictl.json("pods", "-o", "json").at("/items").findValuesAsString("id"))
                .containsExactly(back, front);
        assertThat(crictl.say("pods", "-o", "yaml")).contains("id: " + back);
    }

    @Test
    @Covers("ps")
    void containersAreFilteredAndShownInEveryForm() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        var other = crictl.say("runp", crictl.pod("other", NO_LABELS));
        var labels = Map.of("io.kubernetes.pod.name", "scene", "io.kubernetes.pod.namespace", "e2e", "tier", "front");
        var runs = run(pod, crictl.container("runs", 0, labels, "sleep", "1000"));
        var ends = run(pod, crictl.container("ends", 2, NO_LABELS, "true"));
        awaitExit(ends);
        var waits = crictl.say(
                "create",
                "--no-pull",
                other,
                crictl.container("waits", 0, NO_LABELS, "true"),
                crictl.pod("other", NO_LABELS));

        assertThat(crictl.lines("ps", "-q")).containsExactly(runs);
        assertThat(crictl.lines("ps", "-q", "-a")).containsExactly(waits, ends, runs);
        assertThat(crictl.lines("ps", "-q", "-a", "--id", ends.substring(0, 13)))
                .containsExactly(ends);
        assertThat(crictl.lines("ps", "-q", "-a", "--name", "wai")).containsExactly(waits);
        assertThat(crictl.lines("ps", "-q", "-a", "--pod", pod.substring(0, 13)))
                .containsExactly(ends, runs);
        assertThat(crictl.lines("ps", "-q", "-a", "--image", CrictlScene.BUSYBOX))
                .containsExactly(waits, ends, runs);
        assertThat(crictl.lines("ps", "-q", "--state", "created")).containsExactly(waits);
        assertThat(crictl.lines("ps", "-q", "--state", "running")).containsExactly(runs);
        assertThat(crictl.lines("ps", "-q", "--state", "exited")).containsExactly(ends);
        assertThat(crictl.lines("ps", "-q", "--state", "unknown")).isEmpty();
        assertThat(crictl.lines("ps", "-q", "-a", "--label", "tier=front")).containsExactly(runs);
        assertThat(crictl.lines("ps", "-q", "-a", "--namespace", "e2e")).containsExactly(runs);
        assertThat(crictl.lines("ps", "-q", "--latest")).containsExactly(waits);
        assertThat(crictl.lines("ps", "-q", "--last", "2")).containsExactly(waits, ends);

        var table = crictl.lines("ps", "-a", "-o", "table");
        assertThat(table.getFirst()).startsWith("CONTAINER").contains("IMAGE", "STATE", "ATTEMPT", "POD ID");
        assertThat(table.get(3)).startsWith(runs.substring(0, 13)).contains(" Running ", "runs", "scene", "e2e");
        assertThat(table.get(2)).contains(" Exited ", " 2 ");
        assertThat(crictl.say("ps", "--no-trunc")).contains(runs, pod);
        assertThat(crictl.say("ps", "--verbose")).contains("ID: " + runs, "State: Running", "tier -> front");
        assertThat(crictl.say("ps", "--resolve-image-path")).contains(CrictlScene.BUSYBOX);
        assertThat(crictl.json("ps", "-a", "-o", "json").at("/containers").findValuesAsString("podSandboxId"))
                .containsExactly(other, pod, pod);
        assertThat(crictl.say("ps", "-o", "yaml")).contains("id: " + runs);
    }

    private static void awaitExit(String container) {
        Awaitility.await("the end of " + container)
                .atMost(Requests.DEADLINE)
                .until(() -> stateOf(container).equals("CONTAINER_EXITED"));
    }

    @Test
    @Covers({"inspect", "inspectp", "inspecti"})
    void detailsAreShownInEveryForm() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        var container = run(pod, crictl.container("c", 0, NO_LABELS, "sleep", "1000"));

        var inspected = crictl.json("inspect", container);
        assertThat(inspected.at("/status/id").stringValue()).isEqualTo(container);
        assertThat(inspected.at("/status/logPath").stringValue())
                .isEqualTo(crictl.logs("scene").resolve("0.log").toString());
        assertThat(inspected.at("/info/pid").longValue()).isPositive();
        assertThat(crictl.say("inspect", "-o", "go-template", "--template", "{{.info.sandboxID}}", container))
                .isEqualTo(pod);
        assertThat(crictl.say("inspect", "-o", "table", container)).contains("ID: " + container, "CONTAINER_RUNNING");
        assertThat(crictl.say("inspect", "-o", "yaml", container)).contains("state: CONTAINER_RUNNING");
        assertThat(crictl.say("inspect", "--quiet", container)).doesNotContain("runtimeSpec");
        assertThat(crictl.json("inspect", "--name", "c").toString()).contains(container);

        var inspectedPod = crictl.json("inspectp", pod);
        assertThat(inspectedPod.at("/status/state").stringValue()).isEqualTo("SANDBOX_READY");
        assertThat(inspectedPod.at("/status/network/ip").stringValue())
                .startsWith(node.place().subnetPrefix());
        assertThat(inspectedPod.at("/info/runtimeSpec/linux/namespaces").findValuesAsString("type"))
                .contains("network");
        assertThat(crictl.say("inspectp", "-o", "table", pod)).contains("Name: scene", "SANDBOX_READY");

        var image = crictl.json("inspecti", CrictlScene.BUSYBOX);
        assertThat(image.at("/status/repoTags/0").stringValue()).isEqualTo(CrictlScene.BUSYBOX);
        assertThat(image.at("/info/imageSpec/architecture").stringValue()).isNotBlank();
        assertThat(crictl.say("inspecti", "-o", "table", CrictlScene.BUSYBOX)).contains("Tag: " + CrictlScene.BUSYBOX);
    }

    @Test
    @Covers({"pull", "images", "rmi"})
    void imagesComeAndGo() throws Exception {
        assertThat(crictl.say("pull", SMALL)).startsWith("Image is up to date for sha256:");
        assertThat(crictl.lines("images")).hasSize(3).first().asString().startsWith("IMAGE");
        var id = crictl.say("images", "-q", SMALL);
        assertThat(id).startsWith("sha256:");
        assertThat(crictl.lines("images", "-q", "--filter", "reference=pause")).containsExactly(id);
        assertThat(crictl.say("images", "--no-trunc", "--digests", "--pinned"))
                .contains(id, "DIGEST", "PINNED", "false");
        assertThat(crictl.say("images", "--verbose", SMALL)).contains("RepoTags: " + SMALL, "Size: ");
        assertThat(crictl.json("images", "-o", "json").at("/images").findValuesAsString("id"))
                .contains(id);
        assertThat(crictl.say("images", "-o", "yaml")).contains(SMALL);
        assertThat(crictl.say("rmi", SMALL)).isEqualTo("Deleted: " + SMALL);
        assertThat(crictl.lines("images", "-q", SMALL)).isEmpty();
        assertThat(node.crictl("rmi", SMALL).stderr()).contains("no such image");
        assertThat(node.crictl("pull", "registry.k8s.io/nobody/has/this:1").exitCode())
                .isNotZero();

        crictl.say("pull", SMALL);
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        run(pod, crictl.container("c", 0, NO_LABELS, "sleep", "1000"));
        assertThat(crictl.say("rmi", "--prune")).isEqualTo("Deleted: " + SMALL);
        assertThat(crictl.lines("images")).hasSize(2).last().asString().contains("busybox");
    }

    @Test
    @Covers("logs")
    void logsAreShownAsFarAndAsLongAsIsAsked() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        var first = run(pod, crictl.container("talks", 0, NO_LABELS, "sh", "-c", "echo of before"));
        awaitExit(first);
        var script = "echo one; echo three; sleep 0.5; echo two >&2; until [ -e /go ]; do sleep 0.1; done; echo four";
        var container = run(pod, crictl.container("talks", 1, NO_LABELS, "sh", "-c", script));
        Awaitility.await().until(() -> node.crictl("logs", container).stderr().contains("two"));

        var all = node.crictl("logs", container);
        assertThat(all.stdout()).isEqualTo("one\nthree\n");
        assertThat(all.stderr()).isEqualTo("two\n");
        assertThat(crictl.say("logs", "--tail", "2", container)).isEqualTo("three");
        assertThat(node.crictl("logs", "--stream", "stderr", container).stdout())
                .isEmpty();
        assertThat(crictl.say("logs", "--limit-bytes", "3", container)).isEqualTo("one");
        assertThat(crictl.say("logs", "--since", "1h", container)).isEqualTo("one\nthree");
        assertThat(crictl.say("logs", "--since", "2099-01-01T00:00:00Z", container))
                .isEmpty();
        assertThat(crictl.say("logs", "--timestamps", container))
                .matches(Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\S+ one\n\\d{4}-\\d\\d-\\d\\dT\\S+ three"));
        assertThat(crictl.say("logs", "--previous", container)).isEqualTo("of before");

        try (var client = StreamClient.start(directory, node.crictlCommand("logs", "-f", container), Redirect.PIPE)) {
            client.awaitStdout("three\n");
            crictl.say("exec", "--sync", container, "touch", "/go");
            client.awaitStdout("four\n");
            assertThat(client.await().exitCode()).isZero();
        }
        assertThat(node.crictl("logs", "--reopen", container).stderr()).contains("not run");
    }

    @Test
    @Covers({"stats", "statsp"})
    void statisticsAreThoseOfWhatRuns() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", Map.of("tier", "front")));
        var container = run(pod, crictl.container("c", 0, Map.of("tier", "front"), "sleep", "1000"));

        var table = crictl.lines("stats", "--seconds", "1");
        assertThat(table.getFirst()).contains("CONTAINER", "CPU %", "MEM");
        assertThat(table.get(1)).startsWith(container.substring(0, 13));
        var byId = crictl.json("stats", "-o", "json", "--id", container).at("/stats/0");
        assertThat(Long.parseLong(byId.at("/memory/workingSetBytes/value").stringValue()))
                .isPositive();
        assertThat(crictl.json("stats", "-o", "json", "--pod", pod).at("/stats").size())
                .isEqualTo(1);
        assertThat(crictl.json("stats", "-o", "json", "--label", "tier=back")
                        .at("/stats")
                        .size())
                .isZero();

        var pods = crictl.lines("statsp", "--seconds", "1");
        assertThat(pods.getFirst()).contains("POD", "CPU %", "MEM");
        assertThat(pods.get(1)).startsWith("scene").contains(pod.substring(0, 13));
        var byPod = crictl.json("statsp", "-o", "json", "--label", "tier=front").at("/stats/0");
        assertThat(byPod.at("/linux/process/processCount/value").stringValue()).isEqualTo("1");
        assertThat(byPod.at("/linux/network/defaultInterface/name").stringValue())
                .isEqualTo("eth0");
        assertThat(byPod.at("/linux/containers/0/attributes/id").stringValue()).isEqualTo(container);
    }

    @Test
    @Covers("events")
    void eventsAreShownAsTheyHappen() throws Exception {
        try (var client = StreamClient.start(
                directory,
                node.crictlCommand(
                        "events",
                        "-o",
                        "go-template",
                        "--template",
                        "{{.containerId}} {{.containerEventType}} {{.podSandboxStatus.metadata.name}}"),
                Redirect.PIPE)) {
            // crictl does not say when it listens.
            Awaitility.await().atMost(Requests.DEADLINE).until(() -> {
                crictl.say("rmp", "--force", crictl.say("runp", crictl.pod("before", NO_LABELS)));
                return !Files.readString(client.stdoutFile()).isEmpty();
            });
            var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
            var container = run(pod, crictl.container("c", 0, NO_LABELS, "true"));
            client.awaitStdout(container + " CONTAINER_STOPPED_EVENT scene");
            crictl.say("rm", container);
            client.awaitStdout(container + " CONTAINER_DELETED_EVENT scene");
            assertThat(client.awaitStdout(container))
                    .contains(
                            pod + " CONTAINER_STARTED_EVENT scene",
                            container + " CONTAINER_CREATED_EVENT scene",
                            container + " CONTAINER_STARTED_EVENT scene");
        }
    }

    @Test
    @Covers({"version", "info", "imagefsinfo", "runtime-config", "update-runtime-config", "config", "completion"})
    void theNodeIsDescribed() throws Exception {
        assertThat(crictl.say("version")).containsPattern("RuntimeName: +keelson");
        var info = crictl.json("info");
        assertThat(info.at("/status/conditions").findValuesAsString("type")).contains("RuntimeReady", "NetworkReady");
        assertThat(info.at("/runtimeHandlers").findValuesAsString("name")).contains("crun");
        assertThat(crictl.json("imagefsinfo")
                        .at("/status/imageFilesystems/0/fsId/mountpoint")
                        .stringValue())
                .isEqualTo(node.place().root().toString());
        assertThat(crictl.say("imagefsinfo", "-o", "table")).contains("Image Filesystem");
        assertThat(crictl.say("runtime-config")).matches("cgroup driver: +CGROUPFS");
        assertThat(node.crictl("update-runtime-config", "--pod-cidr", "10.0.0.0/24")
                        .stderr())
                .contains("successfully updated");
        assertThat(crictl.say("config", "--list")).contains("runtime-endpoint");
        assertThat(crictl.say("completion", "bash")).contains("crictl");
    }

    @Test
    @Covers("exec")
    void commandsRunToTheirEnd() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        var container = run(pod, crictl.container("c", 0, NO_LABELS, "sleep", "1000"));

        assertThat(crictl.say("exec", "--sync", container, "cat", "/proc/1/comm"))
                .isEqualTo("sleep");
        assertThat(node.crictl("exec", "--sync", container, "false").exitCode()).isNotZero();
        assertThat(node.crictl("exec", "--sync", "--timeout", "1", container, "sleep", "100")
                        .stderr())
                .contains("DeadlineExceeded");
    }

    @Test
    @Covers("update")
    void limitsAreChanged() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        var container = run(pod, crictl.container("c", 0, NO_LABELS, "sleep", "1000"));

        assertThat(crictl.say("update", "--memory", "67108864", "--cpu-share", "512", container))
                .isEqualTo(container);
        var limits = crictl.json("inspect", container).at("/status/resources/linux");
        assertThat(limits.get("memoryLimitInBytes").stringValue()).isEqualTo("67108864");
        assertThat(limits.get("cpuShares").stringValue()).isEqualTo("512");
    }

    @Test
    @Covers("checkpoint")
    void whatIsNotBuiltIsRefused() throws Exception {
        var checkpoint = directory.resolve("checkpoint.tar");
        var said = node.crictl("checkpoint", "--export=" + checkpoint, "0123");
        assertThat(said.exitCode()).isNotZero();
        assertThat(said.stderr()).contains("Unimplemented");
        assertThat(checkpoint).doesNotExist();
    }

    @Test
    @Covers({"metricdescs", "metricsp"})
    void metricsAreDescribedAndShown() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));

        assertThat(crictl.say("metricdescs")).contains("container_pressure_io_waiting_seconds_total");
        assertThat(crictl.say("metricsp")).contains(pod, "container_network_receive_bytes_total");
    }

    @Test
    @Covers("port-forward")
    void aHundredMegabytesComeBackAsTheyWent() throws Exception {
        var pod = crictl.say("runp", crictl.pod("scene", NO_LABELS));
        run(pod, crictl.container("echo", 0, NO_LABELS, "tcpsvd", "127.0.0.1", "7000", "cat"));

        try (var client =
                StreamClient.start(directory, node.crictlCommand("port-forward", pod, ":7000"), Redirect.PIPE)) {
            var said = FORWARDING.matcher(client.awaitStdout("-> 7000"));
            assertThat(said.find()).isTrue();
            try (var socket =
                    new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), Integer.parseInt(said.group(1)))) {
                var sent = MessageDigest.getInstance("SHA-256");
                var sender = Thread.ofVirtual().start(() -> send(socket, sent));
                var received = receive(socket.getInputStream());
                sender.join();
                assertThat(received).isEqualTo(HexFormat.of().formatHex(sent.digest()));
            }
        }
    }

    /** Random bytes, and then nothing more. */
    private static void send(Socket socket, MessageDigest digest) {
        var block = new byte[100_000];
        new Random(5).nextBytes(block);
        try {
            OutputStream out = socket.getOutputStream();
            for (var left = FORWARDED_BYTES; left > 0; left -= block.length) {
                block[left % 1000]++;
                digest.update(block);
                out.write(block);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String receive(InputStream in) throws Exception {
        var digest = MessageDigest.getInstance("SHA-256");
        var block = new byte[100_000];
        var bytes = 0L;
        for (var read = in.read(block); read >= 0; read = in.read(block)) {
            digest.update(block, 0, read);
            bytes += read;
        }
        assertThat(bytes).isEqualTo(FORWARDED_BYTES);
        return HexFormat.of().formatHex(digest.digest());
    }
}
