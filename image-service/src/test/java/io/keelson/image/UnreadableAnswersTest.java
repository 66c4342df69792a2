package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keelson.host.failure.Failure;
import io.keelson.image.registry.FakeRegistry;
import io.keelson.image.registry.RawServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is no answer by HTTP, or breaks off: however the client says that it cannot read it, the registry is to blame and not the daemon. */
@Timeout(60)
class UnreadableAnswersTest {
    static final List<String> ANSWERS = List.of(
            "",
            "\0\0\0\0",
            "hello\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\nabc",
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nabcde",
            "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n");

    private static final TestImage IMAGE = TestImage.of().layer("noise", TestImage.noise(7, 300_000));

    @TempDir
    Path root;

    @ParameterizedTest
    @FieldSource("ANSWERS")
    void registryThatSpeaksNoHttpIsUnavailable(String answer) throws IOException {
        try (var node = new Node(root);
                var server = new RawServer(answer)) {
            assertUnavailable(node, server.host());
        }
    }

    @ParameterizedTest
    @FieldSource("ANSWERS")
    void layersFromSuchAServerAreUnavailable(String answer) throws IOException {
        try (var node = new Node(root);
                var registry = new FakeRegistry();
                var server = new RawServer(answer)) {
            IMAGE.in(registry, "v1");
            registry.fault(exchange -> {
                var path = exchange.getRequestURI().getPath();
                if (!path.endsWith("/blobs/" + IMAGE.blobDigest(0))) {
                    return false;
                }
                exchange.getResponseHeaders().add("Location", "http://" + server.host() + path);
                exchange.sendResponseHeaders(307, -1);
                return true;
            });
            assertUnavailable(node, registry.host());
        }
    }

    private static void assertUnavailable(Node node, String host) throws IOException {
        var failure = catchThrowableOfType(Failure.class, () -> node.pull(host + "/app:v1"));
        assertThat(failure).hasMessageStartingWith("RegistryUnavailable: ");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(node.catalog.list()).isEmpty();
        assertThat(node.files()).noneMatch(file -> file.startsWith("layers/"));
    }
}
