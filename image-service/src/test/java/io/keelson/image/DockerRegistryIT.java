package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.RegistryConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against the distribution project's own registry, as Debian packages it (docker-registry). */
@Timeout(120)
class DockerRegistryIT {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    /** user:secret, bcrypt. */
    private static final String HTPASSWD = "user:$2b$04$J/3837xNyyDKQjjKvFb/3eEywy.tF0GYL8n7rTF4eFOpo/lI7IWcm\n";

    @TempDir
    Path directory;

    private Process registry;
    private Node node;
    private String host;

    @BeforeAll
    static void needsTheProgram() {
        assumeTrue(Files.exists(PROGRAM), "docker-registry is not installed");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (node != null) {
            node.close();
        }
        if (registry != null) {
            registry.destroy();
            assertThat(registry.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void start(String httpExtra, String more) throws Exception {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            host = "127.0.0.1:" + free.getLocalPort();
        }
        var config = directory.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                storage:
                  filesystem:
                    rootdirectory: %s
                http:
                  addr: %s
                %s%s""".formatted(directory.resolve("registry"), host, httpExtra, more));
        registry = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        awaitListening();
        node = new Node(directory.resolve("node"));
    }

    private void awaitListening() throws InterruptedException {
        var port = Integer.parseInt(host.substring(host.indexOf(':') + 1));
        while (registry.isAlive()) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError("docker-registry has ended");
    }

    /** Pushes over the distribution API, as Basic user:secret, which a registry without users ignores. */
    private void push(TestImage image, String repository, String tag, int layers) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            for (var i = 0; i < layers; i++) {
                pushBlob(client, repository, image.blob(i), image.blobDigest(i).toString());
            }
            pushBlob(client, repository, image.config(), image.id().toString());
            put(client, "/v2/" + repository + "/manifests/" + tag, TestImage.OCI_MANIFEST, image.manifest());
        }
    }

    private void pushBlob(HttpClient client, String repository, byte[] blob, String digest) throws Exception {
        var begun = client.send(
                request("/v2/" + repository + "/blobs/uploads/")
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        assertThat(begun.statusCode()).isEqualTo(202);
        var location = URI.create(begun.headers().firstValue("Location").orElseThrow());
        put(
                client,
                location.getRawPath() + "?" + location.getRawQuery() + "&digest=" + digest,
                "application/octet-stream",
                blob);
    }

    private void put(HttpClient client, String path, String type, byte[] bytes) throws Exception {
        var answer = client.send(
                request(path)
                        .header("Content-Type", type)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + host + path))
                .header("Authorization", "Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void twentyPullsMakeOneGetABlobAndTheNextIsOneHead() throws Exception {
        start("", "");
        var image = TestImage.of("one", "two").layer("noise", TestImage.noise(3, 2_000_000));
        push(image, "team/app", "v1", 3);

        var ids = Forks.join(Collections.<Callable<ImageId>>nCopies(20, () -> node.pull(host + "/team/app:v1")));
        node.pull(host + "/team/app:v1");

        assertThat(ids).containsOnly(image.id());
        var log = Files.readString(directory.resolve("registry.log"));
        for (var i = 0; i < 3; i++) {
            assertThat(log.split("\"GET /v2/team/app/blobs/" + image.blobDigest(i), -1))
                    .hasSize(2);
        }
        assertThat(log.split("\"HEAD /v2/team/app/manifests/v1", -1)).hasSize(2);
        node.remover.remove(host + "/team/app:v1");
        assertThat(node.files()).isEmpty();
    }

    @Test
    void passwordFileIsHonoured() throws Exception {
        var passwords = directory.resolve("htpasswd");
        Files.writeString(passwords, HTPASSWD);
        start("", "auth:\n  htpasswd:\n    realm: test\n    path: " + passwords + "\n");
        var image = TestImage.of("one");
        push(image, "app", "v1", 1);

        assertThat(node.pull(host + "/app:v1", Credentials.basic("user", "secret")))
                .isEqualTo(image.id());
        for (var wrong : List.of(Credentials.NONE, Credentials.basic("user", "wrong"))) {
            assertThatThrownBy(() -> node.pull(host + "/app:v1", wrong))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAUTHENTICATED));
        }
    }

    @Test
    void unknownCertificateIsTakenOnlyWhereConfigured() throws Exception {
        assumeTrue(Files.exists(OPENSSL), "openssl is not installed");
        start("", "");
        var image = TestImage.of("one");
        push(image, "app", "v1", 1);
        registry.destroy();
        registry.waitFor();
        var key = directory.resolve("key.pem");
        var certificate = directory.resolve("certificate.pem");
        makeCertificate(key, certificate);
        start("  tls:\n    certificate: " + certificate + "\n    key: " + key + "\n", "");

        assertThatThrownBy(() -> node.pull(host + "/app:v1", Credentials.basic("user", "secret")))
                .hasMessageStartingWith("RegistryUnavailable: ")
                .hasMessageContaining("certification path");
        assertThat(Files.readString(directory.resolve("registry.log"))).doesNotContain("/v2/app/");
        node.close();
        node = new Node(directory.resolve("node"), insecure());
        assertThat(node.pull(host + "/app:v1")).isEqualTo(image.id());
    }

    private RegistryConfiguration insecure() throws IOException {
        var file = directory.resolve("registries.conf");
        Files.writeString(file, "[[registry]]\nlocation = \"" + host + "\"\ninsecure = true\n");
        return RegistryConfiguration.read(file);
    }

    private static void makeCertificate(Path key, Path certificate) throws Exception {
        var openssl = new ProcessBuilder(List.of(
                        OPENSSL.toString(),
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-subj",
                        "/CN=elsewhere.invalid",
                        "-days",
                        "2",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString()))
                .redirectErrorStream(true)
                .start();
        try (InputStream output = openssl.getInputStream()) {
            output.readAllBytes();
        }
        assertThat(openssl.waitFor()).isZero();
    }
}
