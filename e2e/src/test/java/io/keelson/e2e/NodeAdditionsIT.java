package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.CDIDevice;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What the node gives to containers besides what they ask for, by each OCI runtime: CDI devices, OCI hooks, limits. */
class NodeAdditionsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final List<String> IDLE = List.of("sleep", "100000");
    private static final String WITH_HOOKS = "e2e.keelson/hooks";
    private static final List<String> STAGES =
            List.of("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop");

    /** It runs poststart hooks when the container is created, against the specification. */
    private static final String EARLY = "runc";

    /** More than a daemon without CAP_SYS_RESOURCE may have. */
    private static final long WANTED_LOCKED_BYTES = 1L << 40;

    @TempDir
    static Path directory;

    private static Node node;
    private static Path devices;
    private static Path hooks;

    private Leftovers leftovers;
    private PodSandboxConfig pod;
    private String podId = "";

    @BeforeAll
    static void startNode() throws Exception {
        devices = Files.createDirectory(directory.resolve("devices"));
        hooks = Files.createDirectory(directory.resolve("hooks"));
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).configured("""
                [containers]
                cdi_directories = ["%s", "%s"]
                hook_directories = ["%s", "%s"]
                default_ulimits = ["nofile=1000:2000", "core=0", "memlock=%d"]
                """.formatted(
                                directory.resolve("absent"),
                                devices,
                                directory.resolve("absent"),
                                hooks,
                                WANTED_LOCKED_BYTES)));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void endNode() {
        if (node != null) {
            node.close();
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        for (var place : List.of(devices, hooks)) {
            try (var files = Files.list(place)) {
                for (var file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private void runPod(String handler) throws Exception {
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        pod = Requests.pod(node.place(), "additions").build();
        podId = Requests.run(node.cri(), pod, handler);
    }

    private static ContainerConfig.Builder container(String name) {
        return Requests.container(name, BUSYBOX, IDLE);
    }

    private void refused(Code code, ContainerConfig.Builder container, String... words) throws Exception {
        var before = Leftovers.before(node.place(), ImageLayout::isPartOf);
        Refused.with(code, () -> Requests.create(node.cri(), podId, pod, container.build()), words);
        before.assertNone();
    }

    private String shell(String container, String script) {
        return Requests.exec(node.cri(), container, "sh", "-c", script)
                .getStdout()
                .toStringUtf8()
                .strip();
    }

    /** What a daemon leaves that is killed when it has looked at devices and hooks, and has written no configuration, or half of one. */
    @Test
    void aContainerWhoseConfigurationWasNotWrittenIsGoneWithTheNextDaemon() throws Exception {
        runPod("");
        var place = node.place();
        var before = Leftovers.before(place, ImageLayout::isPartOf);
        node.kill();
        for (var written : List.of("", "{\"ociVersion\":")) {
            var id = (written.isEmpty() ? "a1" : "b2").repeat(32);
            var files = place.root().resolve("containers").resolve(id);
            for (var name : List.of("upper", "work", "rootfs")) {
                Files.createDirectories(files.resolve(name));
            }
            Program.run(
                            directory,
                            List.of(
                                    "mount",
                                    "-t",
                                    "tmpfs",
                                    "tmpfs",
                                    files.resolve("rootfs").toString()))
                    .expectSuccess();
            var bundle =
                    Files.createDirectories(place.state().resolve("containers").resolve(id));
            if (!written.isEmpty()) {
                Files.writeString(bundle.resolve("config.json"), written);
            }
        }

        node.restart();

        before.assertNone();
        Requests.remove(
                node.cri(),
                Requests.start(node.cri(), podId, pod, container("next").build()));
    }

    private static ContainerConfig.Builder withDevice(String container, String device) {
        return container(container).addCDIDevices(CDIDevice.newBuilder().setName(device));
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aCdiDeviceIsGivenAsSoonAsItIsDescribed(String handler) throws Exception {
        runPod(handler);
        var shared = Files.createDirectories(directory.resolve("shared-" + handler));
        Files.writeString(shared.resolve("library"), "of the vendor");
        var seen = directory.resolve("seen-" + handler);
        refused(Code.FAILED_PRECONDITION, withDevice("early", "e2e.test/zero=a"), "e2e.test/zero=a");

        Files.writeString(devices.resolve("zero.yaml"), """
                cdiVersion: "1.0.0"
                kind: e2e.test/zero
                containerEdits:
                  env: [VENDOR=e2e]
                devices:
                - name: a
                  containerEdits:
                    env: ["DEVICE=a"]
                    deviceNodes:
                    - {path: /dev/e2e-zero, hostPath: /dev/zero, permissions: r, fileMode: 416, gid: 4242}
                    mounts:
                    - {hostPath: "%s", containerPath: /vendor, options: [ro, nosuid, rbind]}
                    hooks:
                    - {hookName: createRuntime, path: /bin/sh, args: [sh, -c, "cat >%s"]}
                    additionalGids: [4242]
                """.formatted(shared, seen));
        var byName = Requests.start(
                node.cri(), podId, pod, withDevice("by-name", "e2e.test/zero=a").build());
        var byAnnotation = Requests.start(
                node.cri(),
                podId,
                pod,
                container("by-annotation")
                        .putAnnotations("cdi.k8s.io/e2e_plugin", "e2e.test/zero=a")
                        .build());

        for (var container : List.of(byName, byAnnotation)) {
            assertThat(shell(container, "echo $VENDOR $DEVICE; cat /vendor/library; echo; id -G"))
                    .isEqualTo("e2e a\nof the vendor\n0 4242");
            assertThat(shell(
                            container, "stat -c '%a %u %g %t,%T' /dev/e2e-zero; head -c 3 /dev/e2e-zero | od -An -tx1"))
                    .isEqualTo("640 0 4242 1,5\n 00 00 00");
            assertThat(shell(container, "touch /vendor/x 2>&1 || echo no")).contains("Read-only");
        }
        assertThat(seen).content().contains(byAnnotation);
        assertThat(node.command("explain", "container", byName).expectSuccess())
                .containsPattern("(?m)^/process/env/\\d+ +VENDOR=e2e +CDI$")
                .containsPattern("(?m)^/mounts/\\d+ .*\"/vendor\".* CDI$")
                .containsPattern("(?m)^/linux/devices/\\d+ .*/dev/e2e-zero.* CDI$")
                .containsPattern("(?m)^/hooks/createRuntime/0 .* CDI$");

        Files.writeString(devices.resolve("zero.yaml"), "kind: [");
        refused(
                Code.FAILED_PRECONDITION,
                withDevice("broken", "e2e.test/zero=a"),
                "e2e.test/zero=a",
                devices.resolve("zero.yaml").toString());
        refused(Code.INVALID_ARGUMENT, withDevice("nameless", "zero"), "vendor.com/class=name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void hooksRunAtTheirStageAndInItsNamespaces(String handler) throws Exception {
        runPod(handler);
        var marks = Files.createDirectories(directory.resolve("marks-" + handler));
        for (var stage : STAGES) {
            writeHook(stage, stage.equals("startContainer") ? Path.of("/") : marks);
        }

        var without =
                Requests.start(node.cri(), podId, pod, container("without").build());
        assertThat(marks).isEmptyDirectory();
        var id = Requests.create(
                node.cri(),
                podId,
                pod,
                container("with").putAnnotations(WITH_HOOKS, "yes").build());
        assertThat(names(marks))
                .containsExactlyElementsOf(
                        handler.equals(EARLY)
                                ? List.of("createContainer", "createRuntime", "poststart", "prestart")
                                : List.of("createContainer", "createRuntime", "prestart"));
        node.cri()
                .runtime(Requests.DEADLINE)
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        assertThat(names(marks)).containsExactly("createContainer", "createRuntime", "poststart", "prestart");
        assertThat(node.command("explain", "container", id).expectSuccess())
                .containsPattern("(?m)^/hooks/prestart/0 .* hook \\S+\\.json$")
                .containsPattern("(?m)^/process/rlimits/0 .* node configuration$");
        var inside = shell(id, "readlink /proc/1/ns/mnt");
        var started = shell(id, "cat /startContainer");
        Requests.stop(node.cri(), id, Duration.ZERO);
        Requests.remove(node.cri(), id);
        assertThat(names(marks))
                .containsExactly("createContainer", "createRuntime", "poststart", "poststop", "prestart");

        var host = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        var seen = new TreeMap<String, Mark>();
        for (var stage : names(marks)) {
            seen.put(stage, Mark.read(Files.readString(marks.resolve(stage))));
        }
        seen.put("startContainer", Mark.read(started));
        assertThat(seen.values()).allMatch(mark -> mark.id().equals(id));
        seen.forEach((stage, mark) -> assertThat(mark.mounts())
                .as(stage)
                .isEqualTo(stage.equals("startContainer") || stage.equals("createContainer") ? inside : host));
        assertThat(seen.get("poststart").status()).isEqualTo(handler.equals(EARLY) ? "created" : "running");
        assertThat(seen.get("poststop").status()).isEqualTo("stopped");
        assertThat(shell(without, "ls /")).doesNotContain("startContainer");
    }

    /** It writes down what it is told, and the mount namespace that it is in; for one annotation's containers. */
    private static void writeHook(String stage, Path marks) throws IOException {
        Files.writeString(hooks.resolve(stage + ".json"), """
                {"version": "1.0.0",
                 "hook": {"path": "/bin/sh", "env": ["PATH=/bin:/usr/bin"], "timeout": 10,
                          "args": ["sh", "-c", "(readlink /proc/self/ns/mnt; cat) >%s"]},
                 "when": {"annotations": {"^%s$": "^yes$"}, "commands": ["^sleep$"]},
                 "stages": ["%s"]}
                """.formatted(marks.resolve(stage), WITH_HOOKS, stage));
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** What a hook saw. */
    private record Mark(String mounts, String id, String status) {
        static Mark read(String text) {
            var lines = text.split("\n", 2);
            var state = JsonMapper.shared().readTree(lines[1]);
            return new Mark(
                    lines[0], state.at("/id").stringValue(), state.at("/status").stringValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aHookThatFailsOrIsNotUnderstoodStopsTheContainerAndNothingIsLeft(String handler) throws Exception {
        runPod(handler);
        var file = hooks.resolve("failing.json");
        Files.writeString(file, """
                {"version": "1.0.0", "hook": {"path": "/bin/false"}, "when": {"always": true}, "stages": ["createRuntime"]}
                """);
        var before = Leftovers.before(node.place(), ImageLayout::isPartOf);
        Refused.with(
                Code.FAILED_PRECONDITION,
                () -> Requests.create(
                        node.cri(), podId, pod, container("failing").build()),
                "hook");
        before.assertNone();

        Files.writeString(file, "{\"version\": \"0.1.0\"}");
        refused(Code.FAILED_PRECONDITION, container("bad"), file.toString(), "0.1.0");
        Files.delete(file);
        Requests.start(node.cri(), podId, pod, container("good").build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void everyContainerHasTheNodesLimitsAsFarAsTheyCanBeGiven(String handler) throws Exception {
        runPod(handler);
        var container =
                Requests.start(node.cri(), podId, pod, container("limited").build());

        var limits = limits(shell(container, "cat /proc/1/limits"));
        assertThat(limits.get("Max open files")).isEqualTo("1000 2000");
        assertThat(limits.get("Max core file size")).isEqualTo("0 0");
        var canRaise = (effective() >> 24 & 1) == 1;
        var highest = limits(Files.readString(Path.of("/proc/self/limits")))
                .get("Max locked memory")
                .split(" ", -1)[1];
        var expected = canRaise || highest.equals("unlimited") ? Long.toString(WANTED_LOCKED_BYTES) : highest;
        assertThat(limits.get("Max locked memory")).isEqualTo(expected + " " + expected);
        assertThat(node.log().contains("RLIMIT_MEMLOCK")).isEqualTo(!expected.equals("" + WANTED_LOCKED_BYTES));
    }

    /** Soft and hard limits by their names in proc_pid_limits(5). */
    private static Map<String, String> limits(String text) {
        var limits = new TreeMap<String, String>();
        text.lines().skip(1).filter(line -> line.length() > 26).forEach(line -> {
            var values = line.substring(26).strip().split("\\s+", -1);
            limits.put(line.substring(0, 26).strip(), values[0] + " " + values[1]);
        });
        return limits;
    }

    private static long effective() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
                .findFirst()
                .orElseThrow();
    }
}
