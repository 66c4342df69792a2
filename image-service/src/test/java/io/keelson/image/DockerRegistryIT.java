package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.transfer.ImagePusher;
import io.keelson.image.transfer.ImagePusher.Push;
import io.keelson.image.transfer.ImagePusher.Pushed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against the distribution project's own registry, as Debian packages it (docker-registry). */
@Timeout(120)
class DockerRegistryIT {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    /** user:secret, bcrypt. */
    private static final String HTPASSWD = "user:$2b$04$J/3837xNyyDKQjjKvFb/3eEywy.tF0GYL8n7rTF4eFOpo/lI7IWcm\n";

    @TempDir
    Path directory;

    private DockerRegistry registry;
    private Node node;
    private String host;

    @BeforeAll
    static void needsTheProgram() {
        assumeTrue(DockerRegistry.isInstalled(), "docker-registry is not installed");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (node != null) {
            node.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    private void start(String httpExtra, String more) throws Exception {
        registry = DockerRegistry.start(directory, httpExtra, more);
        host = registry.host();
        node = new Node(directory.resolve("node"));
    }

    /** As user:secret, which a registry without users does not ask for. */
    private Pushed push(TestImage image, String repository, String tag, int layers, String... sources) {
        try (var client = new RegistryClient(Node.QUICK)) {
            var manifest = image.manifest();
            var content = new TestContent().add(image, layers).add(manifest);
            return new ImagePusher(client, RegistryConfiguration::empty)
                    .push(new Push(
                            ImageReference.parse(host + "/" + repository + ":" + tag),
                            new Descriptor(TestImage.OCI_MANIFEST, image.manifestDigest(), manifest.length),
                            content,
                            List.of(sources),
                            Optional.of(Credentials.basic("user", "secret"))));
        }
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
    void pushTakesOverBlobsAndListsReferrersUnderATag() throws Exception {
        start("", "");
        var image = TestImage.of("one", "two");

        assertThat(push(image, "team/app", "v1", 2)).isEqualTo(new Pushed(image.manifestDigest(), 3, 0, 0));
        assertThat(push(image, "team/copy", "v1", 2, "team/app"))
                .isEqualTo(new Pushed(image.manifestDigest(), 0, 3, 0));
        assertThat(push(image, "team/app", "v2", 2)).isEqualTo(new Pushed(image.manifestDigest(), 0, 0, 3));
        assertThat(node.pull(host + "/team/copy:v1")).isEqualTo(image.id());
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
        node.close();
        registry.close();
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
