package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static io.keelson.e2e.StreamScene.NO_STDIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.IDMapping;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.Int64Value;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerSecurityContext;
import io.keelson.proto.Mount;
import io.keelson.proto.MountPropagation;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.RuntimeHandler;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.UserNamespace;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pods with a user namespace of their own: root inside is user 100000 outside (CRI v1, UserNamespace; KEP-127). */
class UserNamespaceIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final int ROOT = 100_000;
    private static final int OTHER = 1234;
    private static final int ECHO = 7000;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern FORWARDING = Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> \\d+");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path home;

    private static Node node;
    private static int tests;

    /** Of this test, open to other users as everything above it. */
    private Path directory;

    private Path volume;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(home, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(home.resolve("test-" + ++tests));
    }

    @AfterEach
    void end() throws Exception {
        if (volume != null) {
            Program.run(directory, List.of("umount", volume.resolve("below").toString()));
        }
    }

    private static IDMapping mapping(int host, int container, int length) {
        return IDMapping.newBuilder()
                .setHostId(host)
                .setContainerId(container)
                .setLength(length)
                .build();
    }

    private static final IDMapping MAPPING = mapping(ROOT, 0, 65_536);

    private static UserNamespace.Builder user() {
        return UserNamespace.newBuilder()
                .setMode(NamespaceMode.POD)
                .addUids(MAPPING)
                .addGids(MAPPING);
    }

    private static PodSandboxConfig.Builder pod(NamespaceMode pid, UserNamespace.Builder user) {
        var pod = Requests.pod(node.place(), "mapped-" + tests);
        // A cgroup of the pod's own, which ends with it: an init stays in one that is given.
        pod.getLinuxBuilder()
                .setCgroupParent("")
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder().setPid(pid).setUsernsOptions(user));
        return pod;
    }

    private static ContainerConfig.Builder as(ContainerConfig.Builder container, NamespaceOption.Builder namespaces) {
        return container.setLinux(LinuxContainerConfig.newBuilder()
                .setSecurityContext(LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
    }

    private Mount.Builder mapped(Path source, String where) {
        return Mount.newBuilder()
                .setHostPath(source.toString())
                .setContainerPath(where)
                .addUidMappings(MAPPING)
                .addGidMappings(MAPPING);
    }

    private long pid(String container) throws IOException {
        JsonNode info = JSON.readTree(
                Requests.inspect(node.cri(), container).getInfoMap().get("info"));
        return info.at("/pid").longValue();
    }

    private static String owner(Path path) throws IOException {
        var attributes = Files.readAttributes(path, "unix:uid,gid");
        return attributes.get("uid") + ":" + attributes.get("gid");
    }

    @ParameterizedTest
    @CsvSource({"crun, CONTAINER", "crun, POD", "runc, CONTAINER", "runc, POD"})
    void aPodIsRootInsideAndNobodyOutside(String handler, NamespaceMode pid) throws Exception {
        var ofDisk = Files.createDirectory(directory.resolve("of-disk"));
        Files.createFile(ofDisk.resolve("file"));
        var termination = Files.createFile(directory.resolve("termination-log"));
        var unmapped = Files.createDirectory(directory.resolve("unmapped"));
        Program.run(directory, List.of("chown", ROOT + ":" + ROOT, unmapped.toString()))
                .expectSuccess();
        var pod = pod(pid, user());
        pod.getLinuxBuilder().putSysctls("net.ipv4.ping_group_range", "0 1000");
        Files.createDirectories(Path.of(pod.getLogDirectory()));
        var scene = StreamScene.in(node, pod.build(), handler);
        var namespaces = pod.getLinux().getSecurityContext().getNamespaceOptions().toBuilder();

        var container = scene.start(as(
                        StreamScene.shell("echo begun; exec tcpsvd 127.0.0.1 " + ECHO + " cat"), namespaces)
                .setWorkingDir("/made/here")
                .addMounts(mapped(ofDisk, "/of-disk"))
                .addMounts(mapped(termination, "/dev/termination-log"))
                .addMounts(Mount.newBuilder().setHostPath(unmapped.toString()).setContainerPath("/unmapped"))
                .addMounts(Mount.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(BUSYBOX))
                        .setContainerPath("/image")
                        .setReadonly(true)
                        .addUidMappings(MAPPING)
                        .addGidMappings(MAPPING)));

        assertThat(scene.ask(container, "cat", "/proc/self/uid_map", "/proc/self/gid_map"))
                .matches("(\\s+0\\s+100000\\s+65536\\n){2}");
        assertThat(scene.ask(
                        container,
                        "sh",
                        "-c",
                        "for f in / /bin/busybox /etc/passwd /made/here /etc/hosts /etc/hostname /etc/resolv.conf /dev/shm"
                                + " /dev/termination-log /of-disk/file /unmapped /image /image/bin/busybox; do echo $(stat -c %u:%g $f) $f; done"
                                + " | grep -v '^0:0 '"))
                .as("files that are not root's")
                .isEmpty();
        assertThat(scene.ask(
                        container,
                        "sh",
                        "-c",
                        "touch /x /dev/shm/x /of-disk/new /unmapped/new && echo over >/dev/termination-log"
                                + " && cat /etc/hosts /etc/resolv.conf >/dev/null && hostname && cat"
                                + " /proc/sys/net/ipv4/ping_group_range && id -u 2>&1"))
                .matches("mapped-\\d+\\n0\\s+1000\\n0\\n");
        assertThat(owner(ofDisk.resolve("new")))
                .as("with mapped ids the disk has root's")
                .isEqualTo("0:0");
        assertThat(termination).hasContent("over");
        assertThat(owner(unmapped.resolve("new"))).isEqualTo(ROOT + ":" + ROOT);
        var process = Path.of("/proc/" + pid(container));
        assertThat(Files.readString(process.resolve("status"))).contains("Uid:\t100000\t100000\t100000\t100000");
        assertThat(Files.readString(process.resolve("cgroup"))).contains(scene.podId() + "/" + container);
        assertThat(Requests.podStatus(node.cri(), scene.podId())
                        .getLinux()
                        .getNamespaces()
                        .getOptions()
                        .getUsernsOptions())
                .isEqualTo(user().build());
        assertOthersStayOutside();
        assertTalks(scene, container);
        var other = scene.start(as(Requests.container("other", BUSYBOX, StreamScene.IDLE), namespaces)
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                                .setRunAsUser(Int64Value.newBuilder().setValue(OTHER)))));
        assertThat(Files.readString(Path.of("/proc/" + pid(other) + "/status"))).contains("Uid:\t" + (ROOT + OTHER));
        scene.end();
    }

    /** Only the pod's own root passes through the daemon's directories (CVE-2021-41103). */
    private void assertOthersStayOutside() throws Exception {
        for (var uid : List.of(65_534, ROOT + 1, ROOT)) {
            for (var closed : List.of(
                    node.place().root().resolve("images"), node.place().state().resolve("pods"))) {
                assertThat(asUser(uid, "test", "-e", closed.toString()).exitCode())
                        .as(uid + " at " + closed)
                        .isEqualTo(uid == ROOT && closed.startsWith(node.place().root()) ? 0 : 1);
            }
            assertThat(asUser(uid, "ls", node.place().root().toString()).exitCode())
                    .isNotZero();
        }
    }

    private Program.Said asUser(int uid, String... command) throws Exception {
        var line = new ArrayList<>(List.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"));
        line.addAll(List.of(command));
        return Program.run(directory, line);
    }

    private void assertTalks(StreamScene scene, String container) throws Exception {
        try (var client = scene.exec(StreamProtocol.WEBSOCKET, container, NO_STDIN, "sh", "-c", "id -u; exit 7")) {
            assertThat(client.await().stdout()).isEqualTo("0\n");
        }
        try (var client = scene.execOnTerminal(
                StreamProtocol.SPDY, container, "80x24", "sh", "-c", "tty; stat -c %u $(tty); exit 4")) {
            var answer = client.await();
            assertThat(answer.exitCode()).as(answer.stderr()).isEqualTo(4);
            assertThat(answer.stdout()).matches("/dev/(pts/\\d+|console)\r\n0\r\n");
        }
        try (var client = scene.client("forward", StreamProtocol.SPDY, Integer.toString(ECHO), scene.forwardUrl())) {
            var port = Awaitility.await("a local port")
                    .until(() -> FORWARDING.matcher(client.awaitStdout("Forwarding from 127.0.0.1:")), Matcher::find)
                    .group(1);
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port))) {
                socket.getOutputStream().write('x');
                assertThat(socket.getInputStream().read()).isEqualTo('x');
            }
        }
        var reads = scene.start(
                Requests.container("reads", BUSYBOX, List.of("sh", "-c", "while read l; do echo got $l; done"))
                        .setStdin(true));
        try (var client = scene.attach(StreamProtocol.WEBSOCKET, reads, Redirect.PIPE)) {
            client.type("one\n");
            assertThat(client.awaitStdout("got one\n")).isEqualTo("got one\n");
        }
        assertThat(node.crictl("logs", container).expectSuccess()).isEqualTo("begun");
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void podsOutliveAKilledDaemonAndMayGoOn(String handler) throws Exception {
        var plugin = FaultyPlugin.install(node.place());
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        var pod = pod(NamespaceMode.POD, user()).build();
        var id = Requests.run(node.cri(), pod, handler);
        var container = Requests.start(node.cri(), id, pod, runs("first").build());
        var half = pod.toBuilder();
        half.getMetadataBuilder().setName("half");
        plugin.set(FaultyPlugin.Mode.FAIL);
        Refused.with(Code.UNAVAILABLE, () -> Requests.run(node.cri(), half.build(), handler), "no address for you");
        plugin.set(FaultyPlugin.Mode.HANG);
        Files.delete(home.resolve("plugin-called"));
        Thread.ofVirtual().start(() -> {
            try {
                Requests.run(node.cri(), half.build(), handler);
            } catch (RuntimeException e) {
                // The daemon is killed meanwhile.
            }
        });
        Awaitility.await("the plugin runs").atMost(PATIENCE).until(plugin::isCalled);

        node.kill();
        plugin.set(FaultyPlugin.Mode.WORK);
        node.restart();

        assertThat(Requests.podStatus(node.cri(), id).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(Requests.exec(node.cri(), container, "cat", "/proc/self/uid_map")
                        .getStdout()
                        .toStringUtf8())
                .contains("100000");
        Requests.start(node.cri(), id, pod, runs("second").build());
        assertThat(JSON.readTree(node.crictl("inspectp", id).expectSuccess())
                        .at("/info/namespaces/user")
                        .stringValue())
                .endsWith("/user");
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    private static ContainerConfig.Builder runs(String name) {
        return Requests.container(name, BUSYBOX, StreamScene.IDLE);
    }

    @Test
    void theNodeSaysWhichHandlersHaveThem() throws Exception {
        assertThat(node.cri()
                        .runtime(DEADLINE)
                        .status(StatusRequest.getDefaultInstance())
                        .getRuntimeHandlersList())
                .hasSize(3)
                .extracting(RuntimeHandler::getFeatures)
                .allMatch(features -> features.getUserNamespaces());

        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        try {
            assertNobodyGetsThrough();
        } finally {
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static void assertNobodyGetsThrough() {
        assertThat(node.cri()
                        .runtime(DEADLINE)
                        .status(StatusRequest.getDefaultInstance())
                        .getRuntimeHandlersList())
                .as("a runtime cannot reach the root file system")
                .noneMatch(handler -> handler.getFeatures().getUserNamespaces());
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.run(node.cri(), pod(NamespaceMode.POD, user()).build()),
                "closed",
                home.toString());
    }

    @Test
    void whatCannotBeIsRefusedAndNothingIsLeft() throws Exception {
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        refused(user().addUids(mapping(300_000, 65_536, 10)), "exactly one mapping of uids");
        refused(user().addGids(mapping(300_000, 65_536, 10)), "exactly one mapping of gids");
        refused(user().clearUids(), "uids");
        refused(user().clearGids(), "gids");
        refused(user().setUids(0, mapping(ROOT, 1, 10)), "0 is not mapped");
        refused(user().setUids(0, mapping(ROOT, 0, 0)), "empty");
        refused(user().setUids(0, mapping(-1, 0, 1)), "beyond");
        refused(UserNamespace.newBuilder().setMode(NamespaceMode.CONTAINER), "CONTAINER");
        refused(UserNamespace.newBuilder().setMode(NamespaceMode.TARGET), "TARGET");
        for (var host : List.of(
                NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE),
                NamespaceOption.newBuilder().setPid(NamespaceMode.NODE),
                NamespaceOption.newBuilder().setIpc(NamespaceMode.NODE))) {
            var pod = pod(NamespaceMode.POD, user());
            pod.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(host.setUsernsOptions(user()));
            Refused.with(
                    Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), pod.build()), "user namespace", "host's");
        }
        var unmappable = pod(NamespaceMode.POD, user());
        unmappable.getLinuxBuilder().putSysctls("net.ipv4.ping_group_range", "0 65536");
        Refused.with(Code.INVALID_ARGUMENT, () -> Requests.run(node.cri(), unmappable.build()), "ping_group_range");
        leftovers.assertNone();

        var pod = pod(NamespaceMode.CONTAINER, user()).build();
        var id = Requests.run(node.cri(), pod);
        refused(id, pod, NamespaceOption.newBuilder().setPid(NamespaceMode.NODE), "PID namespace");
        refused(
                id,
                pod,
                NamespaceOption.newBuilder().setUsernsOptions(user().setUids(0, mapping(300_000, 0, 65_536))),
                "another user namespace");
        refused(
                id,
                pod,
                NamespaceOption.newBuilder()
                        .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE)),
                "another user namespace");
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }

    private void refused(UserNamespace.Builder user, String why) {
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.run(node.cri(), pod(NamespaceMode.POD, user).build()),
                why);
    }

    private void refused(String id, PodSandboxConfig pod, NamespaceOption.Builder namespaces, String why) {
        Refused.with(
                Code.INVALID_ARGUMENT,
                () -> Requests.create(
                        node.cri(), id, pod, as(runs("c"), namespaces).build()),
                why);
    }

    /** crun 1.8.1 copies the source alone: it is asked for nothing that it would leave out. */
    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void whatIsMountedBelowAVolumeIsThereOrTheContainerIsNot(String handler) throws Exception {
        volume = Files.createDirectory(directory.resolve("volume"));
        var below = Files.createDirectory(volume.resolve("below"));
        Program.run(directory, List.of("mount", "-t", "tmpfs", "below", below.toString()))
                .expectSuccess();
        Files.createFile(below.resolve("file"));
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        var pod = pod(NamespaceMode.CONTAINER, user()).build();
        var id = Requests.run(node.cri(), pod, handler);
        var container = runs("c").addMounts(mapped(volume, "/volume")).build();

        if (handler.equals("crun")) {
            Refused.with(
                    Code.FAILED_PRECONDITION,
                    () -> Requests.create(node.cri(), id, pod, container),
                    "would leave out",
                    below.toString());
            var later = container.toBuilder();
            later.getMountsBuilder(0)
                    .setHostPath("/tmp")
                    .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER);
            assertThat(catchThrowable(() -> Requests.create(node.cri(), id, pod, later.build())))
                    .hasMessageContaining("propagation");
        } else {
            var started = Requests.start(node.cri(), id, pod, container);
            assertThat(Requests.exec(node.cri(), started, "ls", "/volume/below")
                            .getStdout()
                            .toStringUtf8())
                    .isEqualTo("file\n");
        }
        Requests.removePod(node.cri(), id);
        leftovers.assertNone();
    }
}
