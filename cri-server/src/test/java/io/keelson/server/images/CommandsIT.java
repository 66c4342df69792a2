package io.keelson.server.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.disk.DirectoryLock;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.server.cli.KeelsonCommand;
import io.keelson.server.config.ConfigurationReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code keelson image} with a daemon and without; native calls for locks and descriptors. */
class CommandsIT {
    private static final String CONFIG =
            "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
    private static final String NAME = "registry.test/app:v1";

    @TempDir
    Path directory;

    private Path configuration;
    private Path root;
    private Path state;
    private String id;

    private record Said(int status, String out, String err) {}

    @BeforeEach
    void configure() throws IOException {
        // Longer than an address of a Unix socket may be.
        state = Files.createDirectories(directory.resolve("state".repeat(30)));
        root = Files.createDirectories(directory.resolve("root"));
        configuration = Files.writeString(
                directory.resolve("keelson.toml"),
                "[storage]\nroot = \"" + root + "\"\nstate = \"" + state + "\"\n[images]\npinned = [\"*/pinned:*\"]\n");
        id = image(NAME);
    }

    private String image(String name) throws IOException {
        var bytes = CONFIG.replace("linux", "linux\",\"author\":\"" + name).getBytes(StandardCharsets.UTF_8);
        var digest = Digest.of("sha256", bytes);
        var blobs = Files.createDirectories(root.resolve("images/blobs/sha256"));
        Files.write(blobs.resolve(digest.hex()), bytes);
        Files.write(
                Files.createDirectories(root.resolve("image-records")).resolve("sha256-" + digest.hex() + ".json"),
                Json.object()
                        .put("version", 1)
                        .put("id", digest.toString())
                        .putTexts("repoTags", List.of(name))
                        .putTexts("repoDigests", List.of(name.replaceFirst(":.*", "@" + digest)))
                        .putAll(
                                "manifests",
                                List.of(Json.object()
                                        .put("mediaType", "application/vnd.oci.image.manifest.v1+json")
                                        .put("digest", digest.toString())
                                        .put("size", bytes.length)
                                        .build()))
                        .put("sizeBytes", 2048)
                        .put("pulledAt", Instant.EPOCH.toString())
                        .put("generation", 1)
                        .build()
                        .toBytes());
        return digest.toString();
    }

    private Said run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = new String[arguments.length + 3];
        line[0] = "--config";
        line[1] = configuration.toString();
        line[2] = "image";
        System.arraycopy(arguments, 0, line, 3, arguments.length);
        var status = new KeelsonCommand("1", _ -> {}).run(new PrintWriter(out), new PrintWriter(err), line);
        return new Said(status, out.toString(), err.toString());
    }

    /** What a daemon has beside the socket. */
    private AutoCloseable daemon() {
        var lock = DirectoryLock.acquire(root);
        var parts = new ImageParts(ConfigurationReader.load(configuration));
        var server = CommandServer.start(state, parts.tools(Set::of, new RootFilesystems(state.resolve("layers"))));
        return () -> {
            server.close();
            parts.close();
            lock.close();
        };
    }

    private void assertWorks() {
        assertThat(run("ls").out()).contains("NAME", NAME, id.substring(7, 19), "2.0 KiB");
        assertThat(run("ls", "-q").out()).isEqualTo(id + "\n");
        assertThat(run("tag", NAME, "other/name:v2")).isEqualTo(new Said(0, "", ""));
        assertThat(run("inspect", "other/name:v2").out()).contains("\"docker.io/other/name:v2\"", id, "imageSpec");
        assertThat(run("explain").out()).isEqualTo("no pull runs\n");
        assertThat(run("explain", NAME))
                .isEqualTo(new Said(1, "", "keelson: nothing is kept of how image " + id + " was pulled\n"));
        assertThat(run("inspect", "nobody"))
                .isEqualTo(new Said(1, "", "keelson: image \"nobody\" is not on this node\n"));
        assertThat(run("tag", NAME, "a@sha256:" + "0".repeat(64)).err()).contains("belongs to the content");
        assertThat(run("rm", "nobody", "other/name:v2")).isEqualTo(new Said(0, "", ""));
        assertThat(run("ls", "--quiet").out()).isEmpty();
        assertThat(run("gc").out()).isEqualTo("0 B freed\n");
    }

    @Test
    void withoutADaemonACommandTakesItsPlace() {
        assertWorks();
        assertThat(state.resolve(CommandSocket.NAME)).doesNotExist();
    }

    @Test
    void aDaemonIsAskedToDoIt() throws Exception {
        try (var _ = daemon()) {
            assertWorks();
            assertThat(run("ls", "--nonsense").status()).isEqualTo(2);
        }
        assertThat(run("ls").status()).as("after its end").isZero();
        assertThat(state.resolve(CommandSocket.NAME)).doesNotExist();
    }

    @Test
    void whoHasTheImagesAndDoesNotAnswerIsNamed() {
        try (var _ = DirectoryLock.acquire(root)) {
            var said = run("ls");
            assertThat(said.status()).isEqualTo(1);
            assertThat(said.err()).contains("process " + ProcessHandle.current().pid(), "does not answer");
        }
    }

    @Test
    void aPinnedImageIsRemovedByNameAlone() throws IOException {
        var pinned = image("registry.test/pinned:v1");

        assertThat(run("gc", "--images").out())
                .as("no container has all of no layers")
                .contains("freed");
        assertThat(run("ls", "-q").out()).contains(pinned);
        assertThat(run("rm", pinned).status()).isZero();
        assertThat(run("ls", "-q").out()).doesNotContain(pinned);
    }

    @Test
    void aCommandLineIsPassedOnWithoutWhereTheConfigurationIs() {
        assertThat(CommandClient.arguments(
                        List.of("--config", "f", "image", "pull", "--config=f", "x", "--config", "f")))
                .containsExactly("pull", "x");
    }
}
