package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FakeRegistry.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asking the servers that a hosts.toml names. */
@Timeout(60)
class HostsPullTest {
    private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final byte[] BLOB = "a blob".getBytes(StandardCharsets.UTF_8);
    private static final RegistrySettings QUICK = new RegistrySettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            2,
            Duration.ofMillis(5),
            Duration.ofMillis(20));

    @TempDir
    Path directory;

    private FakeRegistry mirror;
    private FakeRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        mirror = new FakeRegistry().manifest("v1", MANIFEST, TYPE).blob(BLOB);
        registry = new FakeRegistry().manifest("v1", MANIFEST, TYPE).blob(BLOB);
        client = client(CredentialSource.NOTHING);
    }

    private static RegistryClient client(CredentialSource source) {
        return new RegistryClient(QUICK, source, Map.of());
    }

    @AfterEach
    void stop() {
        client.close();
        mirror.close();
        registry.close();
    }

    private RegistrySession session(String toml) throws IOException {
        var host = Files.createDirectories(directory.resolve("registry.example"));
        Files.writeString(
                host.resolve("hosts.toml"),
                toml.replace("MIRROR", mirror.host()).replace("REGISTRY", registry.host()));
        return session();
    }

    private RegistrySession session() {
        var configuration = RegistryConfiguration.empty().with(new HostDirectories(List.of(directory)));
        return client.open(
                configuration.endpoints(ImageReference.parse("registry.example/team/app:v1")), Optional.empty());
    }

    private void fetch(RegistrySession session) {
        assertThat(session.manifest("v1").bytes()).isEqualTo(MANIFEST);
        assertThat(session.blob(Digest.of("sha256", BLOB), BLOB.length, 100)).isEqualTo(BLOB);
    }

    @Test
    void mirrorIsAskedFirstAndToldForWhomItStands() throws IOException {
        fetch(session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\n"));

        assertThat(mirror.requests())
                .extracting(Request::path)
                .containsExactly(
                        "/v2/team/app/manifests/v1?ns=registry.example",
                        "/v2/team/app/blobs/" + Digest.of("sha256", BLOB) + "?ns=registry.example");
        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void whatAMirrorMayNotBeAskedForComesFromTheNext() throws IOException {
        fetch(session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\ncapabilities = [\"pull\"]"));

        assertThat(registry.requests())
                .extracting(Request::path)
                .containsExactly("/v2/team/app/manifests/v1?ns=registry.example");
        assertThat(mirror.requests()).allMatch(Request::isBlob);
    }

    @Test
    void nobodyWhoMayBeAskedIsSaid() throws IOException {
        var session = session("server = \"http://REGISTRY\"\ncapabilities = [\"pull\"]");

        assertThatThrownBy(() -> session.manifest("v1"))
                .hasMessageContaining("no server may be asked")
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void pathIsAsTheFileSays() throws IOException {
        registry.fault(exchange -> {
            if (exchange.getRequestURI().getPath().equals("/own/team/app/manifests/v1")) {
                exchange.getResponseHeaders().add("Content-Type", TYPE);
                FakeRegistry.answer(exchange, 200, MANIFEST);
                return true;
            }
            return false;
        });
        var session = session("server = \"http://REGISTRY/own\"\noverride_path = true");

        assertThat(session.manifest("v1").bytes()).isEqualTo(MANIFEST);
    }

    @Test
    void headersGoToTheirServerAndNotWhereItRedirects() throws IOException {
        mirror.fault(exchange -> {
            assertThat(exchange.getRequestHeaders().get("X-Key")).containsExactly("one", "two");
            exchange.getResponseHeaders()
                    .add(
                            "Location",
                            "http://" + registry.host()
                                    + exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(307, -1);
            return true;
        });
        registry.fault(exchange -> {
            if (exchange.getRequestHeaders().containsKey("X-Key")
                    || exchange.getRequestHeaders().containsKey("Authorization")) {
                FakeRegistry.answer(exchange, 500, new byte[0]);
                return true;
            }
            return false;
        });

        fetch(session("""
                [host."http://MIRROR".header]
                X-Key = ["one", "two"]
                Authorization = "Basic c2VjcmV0"
                """));

        assertThat(mirror.requests()).extracting(Request::authorization).containsOnly("Basic c2VjcmV0");
    }

    @Test
    void everyMirrorHasCredentialsOfItsOwn() throws IOException {
        var known = Credentials.basic("mirror", "m");
        mirror.protectedBy(known.basicHeader(), "Basic realm=x");
        client.close();
        client = client((host, repository) -> host.equals(mirror.host()) ? known : Credentials.NONE);

        fetch(session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\n"));

        assertThat(registry.requests()).isEmpty();
    }

    @Test
    void silentMirrorIsWaitedForOnceAndThenAskedLast() throws IOException {
        mirror.fault(exchange -> {
            try {
                Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        });
        var first = session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\n");

        fetch(first);
        fetch(first);
        fetch(session());

        assertThat(mirror.requests()).hasSize(1);
    }

    @Test
    void mirrorThatRestsIsAskedWhenNobodyElseAnswers() throws IOException {
        mirror.failing("manifests", 503, 1);
        fetch(session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\n"));
        mirror.forgetRequests();
        registry.failing("", 503, 1000);

        fetch(session());

        assertThat(mirror.requests()).hasSize(2);
    }

    @Test
    void whatTheRegistryDeniesIsNotAskedOfAMirrorThatRests() throws IOException {
        mirror.failing("manifests", 503, 1);
        fetch(session("server = \"http://REGISTRY\"\n[host.\"http://MIRROR\"]\n"));
        mirror.forgetRequests();
        registry.failing("", 403, 1000);

        assertThatThrownBy(() -> fetch(session()))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.DENIED));
        assertThat(mirror.requests()).isEmpty();
    }
}
