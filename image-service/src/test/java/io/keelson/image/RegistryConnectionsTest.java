package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.FakeRegistry.Request;
import io.keelson.image.registry.RegistryConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries that cannot be reached, or are not what they were a moment ago. */
@Timeout(120)
class RegistryConnectionsTest {
    private static final TestImage IMAGE = TestImage.of("one", "two");

    @TempDir
    Path root;

    private FakeRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
        IMAGE.in(registry, "v1");
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private Node node(String host, String hostsToml) throws IOException {
        var directory = Files.createDirectories(root.resolve("hosts").resolve(host.replace(":", "_") + "_"));
        Files.writeString(directory.resolve("hosts.toml"), hostsToml);
        return new Node(
                root.resolve("node"),
                RegistryConfiguration.empty().with(new HostDirectories(List.of(root.resolve("hosts")))));
    }

    private static void assertUnavailable(Node node, String host, String words) {
        assertThatThrownBy(() -> node.pull(host + "/app:v1", Credentials.basic("user", "s3cret")))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE))
                .hasMessageStartingWith("RegistryUnavailable: cannot pull " + host + "/app:v1: ")
                .hasMessageContaining(words);
        assertThat(node.catalog.list()).isEmpty();
    }

    /** R13: a host that drops what tries to connect. */
    @Test
    void connectionThatIsNeverMadeIsGivenUp() throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var host = "127.0.0.1:" + server.getLocalPort();
            // Nobody accepts, so that the queue of connections is full and the kernel drops the next.
            var waiting = new ArrayList<SocketChannel>();
            for (var i = 0; i < 4; i++) {
                var channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
                waiting.add(channel);
            }
            try (var node = node(host, "server = \"http://" + host + "\"")) {
                assertUnavailable(node, host, "timed out");
            } finally {
                for (var channel : waiting) {
                    channel.close();
                }
            }
        }
    }

    /** R14: a host that takes connections and says nothing in the TLS handshake. */
    @Test
    void handshakeThatNeverEndsIsGivenUp() throws Exception {
        var taken = new ArrayList<Socket>();
        Thread accepting;
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var host = "127.0.0.1:" + server.getLocalPort();
            accepting = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        taken.add(server.accept());
                    }
                } catch (IOException e) {
                    // The test has ended.
                }
            });
            try (var node = node(host, "server = \"https://" + host + "\"\nskip_verify = true")) {
                assertUnavailable(node, host, "timed out");
            }
        }
        accepting.join();
        for (var socket : taken) {
            socket.close();
        }
    }

    /** R37: no plain HTTP instead of TLS, and no secret by it. */
    @Test
    void plainAnswerToATlsGreetingIsNoWayIn() throws Exception {
        try (var node = node(registry.host(), "server = \"https://" + registry.host() + "\"")) {
            assertUnavailable(node, registry.host(), registry.host());
        }
        assertThat(registry.requests()).isEmpty();
    }

    /** R38, R39: the image comes from the registry, and its credentials are not shown to the mirror. */
    @Test
    void mirrorThatIsDownIsPassedOverAndOneThatIsUpSeesNoSecret() throws Exception {
        int dead;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = free.getLocalPort();
        }
        try (var mirror = new FakeRegistry();
                var node = node(registry.host(), """
                        server = "http://%s"
                        [host."http://127.0.0.1:%d"]
                        [host."http://%s"]
                        """.formatted(registry.host(), dead, mirror.host()))) {
            assertThat(node.pull(registry.host() + "/app:v1", Credentials.basic("user", "s3cret")))
                    .isEqualTo(IMAGE.id());
            assertThat(mirror.requests())
                    .isNotEmpty()
                    .extracting(Request::authorization)
                    .containsOnly("");
        }
    }

    /** R40: what the tag stood for when it was asked is what is pulled. */
    @Test
    void tagThatMovesDuringAPullDoesNotMixTwoImages() throws Exception {
        var moved = TestImage.of("three");
        try (var node = new Node(root.resolve("node"))) {
            node.pull(registry.host() + "/app:v1");
            var second = TestImage.of("four").in(registry, "v1");
            var done = new AtomicBoolean();
            registry.fault(exchange -> {
                if (exchange.getRequestMethod().equals("GET") && done.compareAndSet(false, true)) {
                    moved.in(registry, "v1");
                }
                return false;
            });

            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(second.id());
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(moved.id());
        }
    }

    /** R41: what an index named when it was read is what is pulled, though another has its tag by now. */
    @Test
    void indexThatChangesDuringAPullDoesNotMixTwoImages() throws Exception {
        var first = TestImage.of("five").in(registry);
        var second = TestImage.of("six").in(registry);
        registry.manifest("v1", index(first), TestImage.OCI_INDEX);
        for (var image : List.of(first, second)) {
            registry.manifest("unused", image.manifest(), TestImage.OCI_MANIFEST);
        }
        registry.fault(exchange -> {
            if (exchange.getRequestURI()
                    .getPath()
                    .endsWith(first.manifestDigest().toString())) {
                registry.manifest("v1", index(second), TestImage.OCI_INDEX);
            }
            return false;
        });

        try (var node = new Node(root.resolve("node"))) {
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(first.id());
            assertThat(node.pull(registry.host() + "/app:v1")).isEqualTo(second.id());
        }
    }

    private static byte[] index(TestImage image) {
        return Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", TestImage.OCI_INDEX)
                .putAll("manifests", List.of(TestImage.descriptor(TestImage.OCI_MANIFEST, image.manifest())))
                .build()
                .toBytes();
    }

    /** R43. */
    @Test
    void twentyThatPullTheSameFromAMirrorFetchEachBlobOnce() throws Exception {
        try (var mirror = new FakeRegistry();
                var node = node(registry.host(), """
                        server = "http://%s"
                        [host."http://%s"]
                        """.formatted(registry.host(), mirror.host()))) {
            IMAGE.in(mirror, "v1");

            var ids = Forks.join(
                    Collections.<Callable<ImageId>>nCopies(20, () -> node.pull(registry.host() + "/app:v1")));

            assertThat(ids).containsOnly(IMAGE.id());
            assertThat(mirror.blobRequests())
                    .extracting(Request::path)
                    .doesNotHaveDuplicates()
                    .hasSize(3);
            assertThat(registry.requests()).isEmpty();
        }
    }
}
