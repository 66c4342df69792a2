package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Node;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.ContainerMetadata;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What went wrong in other runtimes where somebody talks with a container, or with the daemon itself (docs/security-tests.md, 1g). */
class SecurityStreamIT {
    private static final int MOST_BYTES = 16 << 20;
    /** Of an answer that clients take: what is no output. */
    private static final int OVERHEAD_BYTES = 100;

    private static final int CLIENTS = 8;
    private static final Duration FLOOD = Duration.ofSeconds(2);
    private static final Pattern ABSTRACT = Pattern.compile("^\\S+(?: \\S+){5}\\s+(\\d+) (@.*)$");

    @TempDir
    static Path directory;

    private static Node node;
    private static StreamScene scene;
    private static String container;

    @BeforeAll
    static void startNode() throws Exception {
        node = StreamScene.node(directory);
        scene = StreamScene.in(node);
        container = scene.start(StreamScene.container(StreamScene.IDLE).setStdin(true));
        // What every later one finds there: classes, threads, connections.
        try (var client = scene.exec(StreamProtocol.WEBSOCKET, container, Redirect.PIPE, "true")) {
            client.await();
        }
        large("head -c 1000000 /dev/zero", Duration.ofSeconds(20));
    }

    @AfterAll
    static void nothingIsLeft() throws Exception {
        try {
            if (scene != null) {
                scene.end();
            }
        } finally {
            if (node != null) {
                node.close();
            }
        }
    }

    /** As from a client that takes larger answers than kubelet does. */
    private static ExecSyncResponse large(String script, Duration timeout) {
        return node.cri()
                .runtime(Requests.DEADLINE)
                .withMaxInboundMessageSize(4 * MOST_BYTES)
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of("sh", "-c", script))
                        .setTimeout(timeout.toSeconds())
                        .build());
    }

    private static String execUrl(boolean terminal, String... command) {
        return scene.execUrl(ExecRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTty(terminal)
                .setStdin(true)
                .setStdout(true));
    }

    @Test
    @Tag("T49")
    void outputWithoutEndTakesNeitherMemoryNorDisk() throws Exception {
        var before = diskBytes();
        // What the daemon needs once, to have answered at all, is no growth.
        large("head -c 20971520 /dev/zero", Duration.ofSeconds(50));
        try (var _ = Vitals.watch(node)) {
            assertThatThrownBy(() -> large("yes", Duration.ofSeconds(2)))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("DEADLINE_EXCEEDED");
            var withoutLines = large("head -c 268435456 /dev/zero", Duration.ofSeconds(50));
            assertThat(withoutLines.getStdout().size()).isBetween(MOST_BYTES - OVERHEAD_BYTES, MOST_BYTES);
            var both = large("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2", Duration.ofSeconds(50));
            assertThat(both.getStdout().size() + both.getStderr().size())
                    .isBetween(MOST_BYTES - OVERHEAD_BYTES, MOST_BYTES);
            Together.all(20, _ -> large("head -c 20971520 /dev/zero", Duration.ofSeconds(50)))
                    .forEach(answer -> assertThat(answer.getStdout().size()).isLessThanOrEqualTo(MOST_BYTES));
        }
        assertThat(diskBytes() - before).isLessThanOrEqualTo(MOST_BYTES);
    }

    private static long diskBytes() throws IOException {
        var total = 0L;
        for (var tree :
                List.of(node.place().root(), node.place().state(), node.place().logs())) {
            try (var files = Files.walk(tree)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    total += Files.size(file);
                }
            }
        }
        return total;
    }

    @Test
    @Tag("T50")
    void commandsThatAreNotThereLeaveNothingWhateverIsResized() throws Exception {
        try (var _ = Vitals.watch(node)) {
            repeat(160, _ -> {
                try (var client = RawStream.webSocket(execUrl(true, "/no/such/command"))) {
                    for (var size = 1; size <= 20; size++) {
                        client.say(4, "{\"Width\":%d,\"Height\":%d}".formatted(size, size));
                    }
                    client.awaitGoodbye();
                }
            });
        }
    }

    @Test
    @Tag("T51")
    void whoAttachesAndBreaksOffLeavesNothing() throws Exception {
        var attach = AttachRequest.newBuilder()
                .setContainerId(container)
                .setStdin(true)
                .setStdout(true)
                .setStderr(true);
        try (var _ = Vitals.watch(node)) {
            repeat(2000, number -> {
                try (var client = RawStream.webSocket(scene.attachUrl(attach.clone()))) {
                    if (number % 3 > 0) {
                        client.say(0, "words\n");
                    }
                    if (number % 3 > 1) {
                        client.halfClose();
                    }
                    client.breakOff();
                }
            });
        }
    }

    private interface Attempt {
        void make(int number) throws IOException;
    }

    /** By some clients side by side. */
    private static void repeat(int times, Attempt attempt) throws Exception {
        var next = new AtomicInteger();
        Together.all(CLIENTS, _ -> {
            try {
                for (var number = next.getAndIncrement(); number < times; number = next.getAndIncrement()) {
                    attempt.make(number);
                }
                return true;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Frames that announce, or inflate to, more than there is memory. */
    static Stream<byte[]> bombs() {
        var settings = ByteBuffer.allocate(8 + 0xFFFFF4)
                .putInt(0x80030004)
                .putInt(0xFFFFF4)
                .putInt(1 << 24);
        for (var id = 0; settings.remaining() >= 8; id++) {
            settings.putInt(id).putInt(id);
        }
        return Stream.of(
                settings.array(),
                opening(ByteBuffer.allocate(8).putInt(Integer.MIN_VALUE).array(), false),
                opening(ByteBuffer.allocate(8).putInt(1).putInt(-1).array(), false),
                opening(new byte[32 << 20], true),
                opening(new byte[16 << 10], true));
    }

    /** A frame that opens a stream, with these headers; those of a bomb are one name as long as all of them. */
    private static byte[] opening(byte[] headers, boolean isBomb) {
        if (isBomb) {
            ByteBuffer.wrap(headers).putInt(1).putInt(headers.length);
        }
        var deflater = new Deflater();
        deflater.setInput(headers);
        var deflated = new byte[headers.length / 100 + 1000];
        var length = deflater.deflate(deflated, 0, deflated.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return ByteBuffer.allocate(8 + 10 + length)
                .putInt(0x80030001)
                .putInt(10 + length)
                .putInt(1)
                .putInt(0)
                .putShort((short) 0)
                .put(deflated, 0, length)
                .array();
    }

    @ParameterizedTest
    @MethodSource("bombs")
    @Tag("T52")
    void framesThatWouldFillMemoryEndTheirConnection(byte[] bomb) throws Exception {
        try (var _ = Vitals.watch(node);
                var client = RawStream.spdy(execUrl(false, "cat"))) {
            try {
                client.send(bomb);
            } catch (IOException e) {
                // It was cut off before it had said all.
            }
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("T53")
    void aFloodOfFramesHoldsUpNobodyElse(Http2Flood flood) throws Exception {
        try (var _ = Vitals.watch(node)) {
            var outcome = flood.run(node.place().socket(), FLOOD);

            assertThat(outcome.rounds() + outcome.endings()).isPositive();
            assertThat(outcome.endings() > 0 || !flood.isEnded())
                    .as("%s", outcome)
                    .isTrue();
        }
    }

    @Test
    @Tag("T54")
    void noSocketHasAnAbstractName() throws Exception {
        var ours = new ArrayList<Long>(List.of(node.pid()));
        ours.addAll(NodeProcesses.monitors(node.place()));
        assertThat(ours).hasSizeGreaterThan(1);

        for (var pid : ours) {
            var sockets = NodeProcesses.socketInodes(pid);
            for (var line : Files.readAllLines(Path.of("/proc/" + pid + "/net/unix"))) {
                var match = ABSTRACT.matcher(line);
                assertThat(match.matches() && sockets.contains(match.group(1)))
                        .as("process %d has %s", pid, line)
                        .isFalse();
            }
        }
        assertSocketsAreForOwners();
    }

    private static void assertSocketsAreForOwners() throws IOException {
        var sockets = new ArrayList<Path>();
        try (var files = Files.walk(node.place().state())) {
            files.filter(NodeProcesses::isSocket).forEach(sockets::add);
        }
        assertThat(sockets).isNotEmpty();
        sockets.add(node.place().socket());
        for (var socket : sockets) {
            assertThat(Files.getPosixFilePermissions(socket))
                    .as(socket.toString())
                    .doesNotContain(
                            PosixFilePermission.OTHERS_READ,
                            PosixFilePermission.OTHERS_WRITE,
                            PosixFilePermission.OTHERS_EXECUTE);
            assertThat(Files.getAttribute(socket, "unix:uid")).isEqualTo(0);
        }
    }

    @Test
    @Tag("T55")
    void aUrlIsOnLoopbackUnguessableAndForOneUseOfOneThing() throws Exception {
        var url = URI.create(execUrl(false, "true"));
        assertThat(InetAddress.getByName(url.getHost()).isLoopbackAddress()).isTrue();
        assertThat(NodeProcesses.listeningAddresses(node.pid())).containsExactly("127.0.0.1");
        var token = url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
        assertThat(Base64.getUrlDecoder().decode(token)).hasSizeGreaterThanOrEqualTo(16);

        assertThat(status(url.toString().replace("/exec/", "/attach/"))).isEqualTo(404);
        assertThat(status(url.toString())).isEqualTo(404);
        var once = execUrl(false, "true");
        assertThat(status(once)).isEqualTo(101);
        assertThat(status(once)).isEqualTo(404);
        assertThat(status(once.substring(0, once.length() - 1))).isEqualTo(404);
    }

    private static int status(String url) throws IOException {
        try (var client = RawStream.webSocket(url)) {
            return client.status();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("T55")
    void forwardingReachesThePodAndNotTheNode(StreamProtocol protocol) throws Exception {
        try (var ofNode = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            var opened = scene.start(StreamScene.container(List.of("tcpsvd", "-c", "5", "127.0.0.1", "7000", "cat"))
                    .setMetadata(ContainerMetadata.newBuilder().setName("echo-" + protocol)));
            Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(scene.ask(opened, "netstat", "-ltn")).contains(":7000"));
            try (var client = scene.client(
                    "refused", protocol, Integer.toString(ofNode.getLocalPort()), "7000", scene.forwardUrl())) {
                var answer = client.await();

                assertThat(answer.exitCode()).as(answer.stderr()).isZero();
                assertThat(answer.stdout()).contains("refused: ").endsWith("echoed\n");
            }
            Requests.remove(node.cri(), opened);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    @Tag("T56")
    void sharedMemoryOfAContainerThatWasKilledIsFreed(String handler) throws Exception {
        var hogs = StreamScene.by(handler, node, "hogs-" + handler);
        var hog = hogs.start(StreamScene.shell("""
                        head -c 8388608 /dev/zero >/dev/shm/kept
                        exec dd if=/dev/zero of=/dev/shm/hog bs=1M
                        """)
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(32 << 20))));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(Requests.status(node.cri(), hog).getReason()).isEqualTo("OOMKilled"));
        var state = node.place().state().resolve("pods").resolve(hogs.podId());
        var ipc = NodeProcesses.ipcNamespacesBelow(state);
        assertThat(ipc).hasSize(1);
        assertThat(NodeProcesses.mountsBelow(state))
                .contains(state.resolve("shm").toString());

        hogs.end();

        assertThat(NodeProcesses.mountsBelow(state)).isEmpty();
        assertThat(NodeProcesses.ipcNamespaces()).doesNotContainAnyElementsOf(ipc);
    }
}
