package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.PodSandboxConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The daemon's clock jumps while things are under way: nothing ends early or is taken away, and no time is before what went before. */
@Tag("C1")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClockJumpsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final Duration GRACE = Duration.ofSeconds(50);

    /** Ends in its own way some time after it was asked to. */
    private static final String SLOW_TO_END =
            "trap 'echo heard; sleep 1; exit 7' TERM; echo ready; while :; do sleep 0.05; done";

    @TempDir
    static Path directory;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private MovableClock clock;
    private Node node;

    @BeforeAll
    void start() throws Exception {
        clock = MovableClock.in(directory);
        Files.writeString(
                Files.createDirectory(directory.resolve("keelson.d")).resolve("hosts.toml"),
                "[images]\nhost_directories = [\"" + directory.resolve("hosts") + "\"]\n");
        node = Node.start(directory, clock.of(TestRegistry.daemon()), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    void end() {
        threads.shutdownNow();
        if (node != null) {
            node.close();
        }
    }

    private static Stream<Duration> jumps() {
        var hour = Duration.ofHours(1);
        var toTheBeginning = Duration.between(Instant.now(), Instant.EPOCH.plus(hour));
        return Stream.of(hour, hour.negated(), toTheBeginning);
    }

    @ParameterizedTest
    @MethodSource("jumps")
    void whatIsUnderWayEndsInItsOwnTime(Duration jump) throws Exception {
        clock.set(Duration.ZERO);
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        var pod = Requests.pod(node.place(), "jumps").build();
        var podId = Requests.run(node.cri(), pod);
        var ending = start(podId, pod, "ending", SLOW_TO_END);
        var staying = start(podId, pod, "staying", "echo ready; exec sleep 100000");
        var command = threads.submit(() -> Requests.exec(node.cri(), staying, "sh", "-c", "touch /begun; sleep 1"));
        awaitCommand(staying);
        var url = node.cri()
                .runtime(DEADLINE)
                .exec(ExecRequest.newBuilder()
                        .setContainerId(staying)
                        .addAllCmd(List.of("echo", "served"))
                        .setStdout(true)
                        .build())
                .getUrl();
        var stop = threads.submit(() -> {
            Requests.stop(node.cri(), ending, GRACE);
            return true;
        });
        awaitLog("ending", "heard");

        clock.set(jump);

        assertThat(stop.get()).isTrue();
        assertThat(command.get().getExitCode()).isZero();
        LifeScene.assertExited(Requests.status(node.cri(), ending), 7, "Error");
        assertThat(served(url)).isEqualTo("served\n");
        var later = start(podId, pod, "later", "echo ready; exec sleep 100000");
        assertTheDaemonsClock(jump, later);
        assertInOrder(later);
        assertInOrder(ending);
        assertRestarts(staying);
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    /** The certificate is right, and the time is not. */
    @Test
    void aRegistryIsNotTrustedAtAnotherTimeAndTheAnswerSaysWhichThatIs() throws Exception {
        clock.set(Duration.ZERO);
        var server = emptyRegistry();
        server.start();
        try {
            var host = "127.0.0.1:" + server.getAddress().getPort();
            Files.writeString(
                    Files.createDirectories(directory.resolve("hosts").resolve(host.replace(':', '_') + "_"))
                            .resolve("hosts.toml"),
                    "server = \"https://%s\"\nca = \"%s\"\n".formatted(host, directory.resolve("ca.crt")));
            clock.set(Duration.between(Instant.now(), Instant.EPOCH.plus(Duration.ofMinutes(90))));
            Refused.with(
                    Code.UNKNOWN,
                    () -> Requests.pull(node.cri(), host + "/app:v1"),
                    "RegistryUnavailable",
                    "its certificate is not valid at 1970-01-01T01:",
                    "NotBefore");

            clock.set(Duration.ZERO);
            Refused.with(Code.NOT_FOUND, () -> Requests.pull(node.cri(), host + "/app:v1"), host + "/app:v1");
        } finally {
            server.stop(0);
        }
    }

    private static HttpsServer emptyRegistry() throws Exception {
        Program.run(directory, List.of("sh", "-ec", """
                        cd %s
                        new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                        openssl req -x509 $new -days 2 -subj /CN=ca -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.crt
                        openssl req $new -subj /CN=server -keyout server.key -out server.csr
                        echo subjectAltName=IP:127.0.0.1 >server.ext
                        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
                        openssl pkcs12 -export -in server.crt -inkey server.key -passout pass:tests -out server.p12
                        """.formatted(directory))).expectSuccess();
        var password = "tests".toCharArray();
        var store = KeyStore.getInstance(directory.resolve("server.p12").toFile(), password);
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        return server;
    }

    private String start(String podId, PodSandboxConfig pod, String name, String script) {
        var id = Requests.start(node.cri(), podId, pod, shell(name, script));
        awaitLog(name, "ready");
        return id;
    }

    private static ContainerConfig shell(String name, String script) {
        return Requests.container(name, BUSYBOX, List.of("sh", "-c", script)).build();
    }

    private void awaitLog(String name, String word) {
        var log = node.place().logs().resolve("jumps/" + name + ".log");
        Awaitility.await(word + " of " + name)
                .atMost(LifeScene.PATIENCE)
                .until(() -> Files.exists(log) && Files.readString(log).contains(word));
    }

    private void awaitCommand(String container) {
        Awaitility.await("the command runs")
                .atMost(LifeScene.PATIENCE)
                .until(() -> Requests.exec(node.cri(), container, "test", "-e", "/begun")
                                .getExitCode()
                        == 0);
    }

    /** By somebody who comes with the URL only now. */
    private String served(String url) throws Exception {
        try (var client =
                StreamClient.start(node.place().directory(), "talk", StreamProtocol.WEBSOCKET, List.of(url))) {
            return client.await().stdout();
        }
    }

    /** Otherwise nothing has jumped here. */
    private void assertTheDaemonsClock(Duration jump, String container) {
        var created = Duration.ofNanos(Requests.status(node.cri(), container).getCreatedAt());
        var expected = Duration.ofSeconds(Instant.now().plus(jump).getEpochSecond());
        assertThat(created.minus(expected).abs()).isLessThan(Duration.ofMinutes(30));
    }

    private void assertInOrder(String container) {
        var status = Requests.status(node.cri(), container);
        assertThat(status.getStartedAt()).isGreaterThanOrEqualTo(status.getCreatedAt());
        if (status.getFinishedAt() != 0) {
            assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
        }
    }

    /** What runs is still there, and so are images, for a daemon that begins with such a clock. */
    private void assertRestarts(String running) throws Exception {
        node.kill();
        node.restart();
        assertThat(Requests.exec(node.cri(), running, "true").getExitCode()).isZero();
        assertThat(node.cri()
                        .images(DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesCount())
                .isPositive();
    }
}
