package io.keelson.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.host.failure.Failure;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.reference.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same files, and the same questions in the same order at the same places: {@code registries.conf} as skopeo reads it, and
 * {@code hosts.toml} as containerd does (Debian's, which wants a {@code [host]} in every file). The registries have nothing, so that every place is asked.
 */
@Timeout(180)
class RegistriesComparisonIT {
    private static final Path SKOPEO = Path.of("/usr/bin/skopeo");
    private static final String DIGEST = "@sha256:" + "1".repeat(64);
    private static final Pattern MANIFEST = Pattern.compile("/manifests/");
    private static final RegistrySettings QUICK = new RegistrySettings(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            1,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    @TempDir
    static Path shared;

    private static @Nullable Process containerd;

    @TempDir
    Path directory;

    private final List<EmptyRegistry> registries = new ArrayList<>();
    /** Which of the registries was asked for which manifest, in this order; its name taken out. */
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        client = new RegistryClient(QUICK);
        for (var name : List.of("A", "B", "C")) {
            registries.add(new EmptyRegistry(path -> {
                if (MANIFEST.matcher(path).find()) {
                    asked.add(name + " " + path);
                }
            }));
        }
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        for (var registry : registries) {
            registry.close();
        }
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (containerd != null) {
            containerd.destroy();
            assertThat(containerd.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** A, B and C stand for the three registries. */
    private String with(String text) {
        return text.replace("{A}", registries.get(0).host())
                .replace("{B}", registries.get(1).host())
                .replace("{C}", registries.get(2).host());
    }

    private List<String> ours(RegistryConfiguration configuration, String reference) {
        asked.clear();
        try {
            var parsed = ImageReference.parse(reference);
            var session = client.open(configuration.endpoints(parsed), Optional.empty());
            if (parsed.digest().isPresent()) {
                session.manifest(parsed.digest().get());
            } else {
                session.manifest(parsed.tag().orElseThrow());
            }
            throw new AssertionError("there is nothing to be had");
        } catch (Failure e) {
            return List.copyOf(asked);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // What stands below a prefix goes to its location.
                """
                [[registry]]
                prefix = "quay.test"
                location = "{A}"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "quay.test/team"
                location = "{A}/base/deep"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "quay.test/team/app"
                location = "{A}/one"
                insecure = true
                """,
                // The longest prefix counts, and ends at a slash.
                """
                [[registry]]
                prefix = "quay.test"
                location = "{A}"
                insecure = true
                [[registry]]
                prefix = "quay.test/team"
                location = "{B}/long"
                insecure = true
                [[registry]]
                prefix = "quay.test/te"
                location = "{C}"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "*.test"
                location = "{A}/any"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "*.test"
                location = "{A}"
                insecure = true
                [[registry]]
                prefix = "quay.test"
                location = "{B}"
                insecure = true
                """,
                // Mirrors.
                """
                [[registry]]
                prefix = "quay.test/team"
                location = "{A}/base"
                insecure = true
                [[registry.mirror]]
                location = "{B}/m"
                insecure = true
                [[registry.mirror]]
                location = "{C}"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "quay.test"
                location = "{A}"
                insecure = true
                [[registry.mirror]]
                location = "{B}"
                insecure = true
                pull-from-mirror = "digest-only"
                [[registry.mirror]]
                location = "{C}"
                insecure = true
                pull-from-mirror = "tag-only"
                """,
                """
                [[registry]]
                prefix = "quay.test"
                location = "{A}"
                insecure = true
                mirror-by-digest-only = true
                [[registry.mirror]]
                location = "{B}"
                insecure = true
                """,
                """
                [[registry]]
                prefix = "quay.test"
                location = "{A}"
                blocked = true
                """,
            })
    void registriesConfIsReadAsSkopeoReadsIt(String text) throws Exception {
        assumeTrue(Files.exists(SKOPEO), "skopeo is not installed");
        var file = Files.writeString(directory.resolve("registries.conf"), with(text));
        for (var reference : List.of("quay.test/team/app:v1", "quay.test/team/app" + DIGEST)) {
            asked.clear();
            run(SKOPEO.toString(), "--registries-conf", file.toString(), "inspect", "--raw", "docker://" + reference);
            var theirs = List.copyOf(asked);

            assertThat(ours(RegistryConfiguration.read(file), reference))
                    .as(reference)
                    .isEqualTo(theirs);
            assertThat(theirs.isEmpty()).isEqualTo(text.contains("blocked"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server = \"http://{A}/base\"\n[host.\"http://{B}/base/\"]",
                "server = \"http://{A}/base/\"\n[host.\"http://{B}/base/v2\"]",
                "server = \"http://{A}/base/v2\"\n[host.\"http://{B}/v2/\"]",
                "server = \"http://{A}/own/\"\noverride_path = true\n[host.\"http://{B}/own\"]",
                "server = \"http://{A}\"\n[host.\"http://{B}\"]\n[host.\"http://{C}\"]",
                "server = \"http://{A}\"\n[host.\"http://{C}\"]\n[host.\"http://{B}/deep/er\"]",
                "server = \"http://{A}\"\n[host.\"http://{B}\"]\ncapabilities = [\"pull\"]\n[host.\"http://{C}\"]\ncapabilities = [\"resolve\"]",
                "server = \"http://{A}\"\n[host.\"http://{B}\"]\ncapabilities = [\"PULL\", \"Resolve\"]\n[host.\"http://{C}\"]\ncapabilities = [\"push\"]",
                "server = \"http://{A}\"\n[host.\"http://{B}\"]\nskip_verify = true\noverride_path = true\n[host.\"http://{C}/own\"]\noverride_path = true",
                "server = \"http://{A}\"\ncapabilities = [\"push\"]\n[host.\"http://{B}\"]",
            })
    void hostsFileIsReadAsContainerdReadsIt(String text) throws Exception {
        var ctr = startContainerd();
        for (var name : List.of("quay.test", "_default", "quay.test_5000_")) {
            var certificates = directory.resolve("certs-" + name);
            var host = Files.createDirectories(certificates.resolve(name));
            Files.writeString(host.resolve("hosts.toml"), with(text));
            var registry = name.endsWith("_") ? "quay.test:5000" : "quay.test";
            for (var reference : List.of(registry + "/team/app:v1", registry + "/team/app" + DIGEST)) {
                asked.clear();
                run(
                        ctr.toString(),
                        "--address",
                        shared.resolve("c.sock").toString(),
                        "content",
                        "fetch",
                        "--hosts-dir",
                        certificates.toString(),
                        reference);
                var theirs = List.copyOf(asked);

                var configuration = RegistryConfiguration.empty().with(new HostDirectories(List.of(certificates)));
                assertThat(ours(configuration, reference))
                        .as(name + " " + reference)
                        .isEqualTo(theirs);
            }
        }
    }

    /** Debian's, for its client wants one; started once. */
    private static Path startContainerd() throws Exception {
        var built = new ProcessBuilder("../e2e/tools/build", "containerd-debian")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var programs = Path.of(new String(built.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
        assertThat(built.waitFor()).as("e2e/tools/build containerd-debian").isZero();
        if (containerd == null) {
            var file = Files.writeString(shared.resolve("config.toml"), """
                    version = 2
                    root = "%1$s/root"
                    state = "%1$s/state"
                    disabled_plugins = ["io.containerd.grpc.v1.cri"]
                    [grpc]
                    address = "%1$s/c.sock"
                    """.formatted(shared));
            containerd = new ProcessBuilder(programs.resolve("containerd").toString(), "--config", file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(shared.resolve("log").toFile())
                    .start();
        }
        while (!Files.exists(shared.resolve("c.sock"))) {
            assertThat(containerd.isAlive())
                    .as(Files.readString(shared.resolve("log")))
                    .isTrue();
            Thread.sleep(20);
        }
        return programs.resolve("ctr");
    }

    /** Its failure is what is wanted: there is nothing to be had. */
    private void run(String... command) throws Exception {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().putAll(Map.of("HOME", directory.toString(), "XDG_RUNTIME_DIR", directory.toString()));
        var process = builder.start();
        assertThat(process.waitFor())
                .as(Files.readString(directory.resolve("output")))
                .isNotZero();
    }
}
