package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.images.BuilderShapes;
import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Images that other tools make are pulled and run: those of umoci, skopeo and Podman made here and pushed by them, and the shapes of
 * other builders.
 */
class BuiltImagesIT {
    /** Podman takes no more than 50 characters for where it runs. */
    static final class ShortName implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test) throws IOException {
            return Files.createTempDirectory("p");
        }
    }

    @TempDir
    private Path directory;

    @TempDir(factory = ShortName.class)
    private Path podmanRun;

    /** Pulls it, runs it, and removes it; its program says by its exit code whether all is there. */
    private static void assertRuns(LifeScene scene, String name, String image, List<String> command) {
        Requests.pull(LifeScene.cri(), image);
        var container = Requests.container(name, image, command);
        if (command.isEmpty()) {
            container.clearCommand();
        }
        var id = scene.start(container);
        var status = LifeScene.awaitExit(id);
        assertThat(status.getExitCode()).as(name).isZero();
        Requests.remove(LifeScene.cri(), id);
        Requests.removeImage(LifeScene.cri(), image);
    }

    @Test
    void shapesOfBuildersRun() throws Exception {
        try (var registry = new MemoryRegistry();
                var scene = LifeScene.by("")) {
            for (var shape : new BuilderShapes(materials()).all()) {
                var image = registry.put("shapes/" + shape.name(), shape.image());
                assertRuns(scene, shape.name(), image, List.of("sh", "-c", shape.check()));
            }
        }
    }

    @Test
    void imagesThatToolsMakeRun() throws Exception {
        var program = materials().directory().resolve("busybox");
        Files.writeString(directory.resolve("made"), "by a tool");
        Files.copy(program, directory.resolve("busybox"));
        try (var scene = LifeScene.by("")) {
            var byUmoci = byUmoci();
            assertRuns(scene, "umoci", byUmoci, List.of());
            for (var options : List.of(
                    List.of("--format=v2s2", "--dest-compress-format=gzip"),
                    List.of("--format=oci", "--dest-compress-format=zstd"))) {
                assertRuns(scene, "skopeo", bySkopeo(byUmoci, options), List.of());
            }
            for (var format : List.of("oci", "docker")) {
                assertRuns(scene, "podman", byPodman(format), List.of());
            }
        }
    }

    private static Materials materials() {
        return new Materials(Path.of(Program.required("keelson.materials")));
    }

    /** Its program, and what that has to see. */
    private static List<String> check() {
        return List.of("/bin/busybox", "grep", "-q", "by a tool", "/made");
    }

    private String byUmoci() throws IOException, InterruptedException {
        var layout = directory.resolve("layout");
        var image = layout + ":made";
        run("umoci", "init", "--layout=" + layout);
        run("umoci", "new", "--image=" + image);
        run("umoci", "insert", "--image=" + image, directory.resolve("busybox").toString(), "/bin/busybox");
        run("umoci", "insert", "--image=" + image, directory.resolve("made").toString(), "/made");
        var config = new ArrayList<>(List.of("umoci", "config", "--image=" + image));
        check().forEach(word -> config.add("--config.cmd=" + word));
        run(config.toArray(String[]::new));
        var name = TestRegistry.reference("built/umoci:made");
        run("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:" + image, "docker://" + name);
        return name;
    }

    private String bySkopeo(String from, List<String> options) throws IOException, InterruptedException {
        var name = TestRegistry.reference("built/skopeo:made");
        var command = new ArrayList<>(List.of(
                "skopeo", "copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", "--dest-compress"));
        command.addAll(options);
        command.addAll(List.of("docker://" + from, "docker://" + name));
        run(command.toArray(String[]::new));
        return name;
    }

    private String byPodman(String format) throws IOException, InterruptedException {
        var words = check().stream().map(word -> "\"" + word + "\"").toList();
        Files.writeString(
                directory.resolve("Containerfile"),
                "FROM scratch\nCOPY busybox /bin/busybox\nCOPY made /made\nLABEL format=" + format + "\nCMD " + words
                        + "\n");
        var name = TestRegistry.reference("built/podman:" + format);
        podman("build", "--quiet", "--format=" + format, "--tag=" + name, directory.toString());
        podman("push", "--quiet", "--tls-verify=false", "--format=" + (format.equals("oci") ? "oci" : "v2s2"), name);
        return name;
    }

    private void podman(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(
                "podman",
                "--root=" + directory.resolve("podman"),
                "--runroot=" + podmanRun,
                "--tmpdir=" + directory.resolve("podman-tmp"),
                "--storage-driver=vfs",
                "--events-backend=none",
                "--cgroup-manager=cgroupfs"));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private void run(String... command) throws IOException, InterruptedException {
        Program.run(directory, List.of(command)).expectSuccess();
    }
}
