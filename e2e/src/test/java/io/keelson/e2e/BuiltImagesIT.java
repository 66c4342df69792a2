package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import io.keelson.e2e.images.BuilderShapes;
import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.images.SavedArchives;
import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Images that other tools make are pulled and run: those of umoci, skopeo, Podman, Buildah and Jib made here and pushed by them, and the
 * shapes of other builders; what Docker saves is imported and run.
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
        assertImageRuns(scene, name, image, command);
    }

    private static void assertImageRuns(LifeScene scene, String name, String image, List<String> command) {
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
    void whatBuildKitPushesRunsAndWhatDockerSavesIsImportedAndRuns() throws Exception {
        var shape = new BuilderShapes(materials()).twice();
        try (var registry = new MemoryRegistry();
                var scene = LifeScene.by("")) {
            assertRuns(scene, "buildkit", registry.putAttested("shapes/buildkit", shape.image()), List.of());
            for (var saved : new SavedArchives(shape.image(), "docker.io/saved/image", "1").all()) {
                var archive = Files.write(directory.resolve(saved.by()), saved.archive());
                assertImportedRuns(scene, saved.by(), archive, "docker.io/saved/image:1");
            }
        }
    }

    /** By the command, under the name that the archive has for it. */
    private static void assertImportedRuns(LifeScene scene, String maker, Path archive, String image)
            throws IOException, InterruptedException {
        LifeScene.node().command("image", "import", archive.toString()).expectSuccess();
        assertImageRuns(scene, maker, image, List.of());
    }

    @Test
    void imagesThatToolsMakeRun() throws Exception {
        makeContents();
        try (var scene = LifeScene.by("")) {
            var byUmoci = byUmoci();
            assertExportedIsTheSame(byUmoci);
            assertRuns(scene, "umoci", byUmoci, List.of());
            for (var options : List.of(
                    List.of("--format=v2s2", "--dest-compress-format=gzip"),
                    List.of("--format=oci", "--dest-compress-format=zstd"))) {
                assertRuns(scene, "skopeo", bySkopeo(byUmoci, options), List.of());
            }
            var working = buildahContainer();
            for (var format : List.of("oci", "docker")) {
                assertRuns(scene, "podman", byPodman(format), List.of());
                assertRuns(scene, "buildah", byBuildah(working, format), List.of());
            }
        }
    }

    /** Though the node keeps no blobs: packed anew, from what it has. umoci compares what it unpacks with the diffIDs. */
    private void assertExportedIsTheSame(String image) throws IOException, InterruptedException {
        Requests.pull(LifeScene.cri(), image);
        var exported = directory.resolve("exported");
        LifeScene.node()
                .command("image", "export", "--format=directory", image, exported.toString())
                .expectSuccess();
        var name = exported + ":" + image;
        assertThat(run("skopeo", "inspect", "--config", "--raw", "oci:" + name))
                .isEqualTo(run("skopeo", "inspect", "--config", "--raw", "oci:" + directory.resolve("layout:made")));
        run("skopeo", "copy", "--quiet", "oci:" + name, "oci:" + directory.resolve("copied:made"));
        var unpacked = directory.resolve("unpacked");
        run("umoci", "unpack", "--image=" + name, unpacked.toString());
        assertThat(unpacked.resolve("rootfs/made")).hasSameBinaryContentAs(directory.resolve("made"));
        assertThat(LayoutScanner.look(directory, exported, "/made").contents()).isEqualTo("by a tool");
    }

    @Test
    void imagesThatJibMakesRun() throws Exception {
        makeContents();
        var jib = new JibImages(directory, check());
        try (var scene = LifeScene.by("")) {
            for (var format : ImageFormat.values()) {
                var name = TestRegistry.reference("built/jib:" + format.name().toLowerCase(Locale.ROOT));
                jib.push(format, name);
                assertRuns(scene, "jib " + format, name, List.of());
            }
            var archive = directory.resolve("jib.tar");
            jib.write(archive, "docker.io/built/jib:archive");
            assertImportedRuns(scene, "jib's archive", archive, "docker.io/built/jib:archive");
        }
    }

    private void makeContents() throws IOException {
        Files.writeString(directory.resolve("made"), "by a tool");
        Files.copy(materials().directory().resolve("busybox"), directory.resolve("busybox"));
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
                "--tmpdir=" + directory.resolve("podman-tmp"),
                "--events-backend=none",
                "--cgroup-manager=cgroupfs"));
        command.addAll(storage());
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    /** Step by step, without a file that says them: a working container, to be committed. */
    private String buildahContainer() throws IOException, InterruptedException {
        var working = buildah("from", "scratch");
        buildah("copy", working, directory.resolve("busybox").toString(), "/bin/busybox");
        buildah("copy", working, directory.resolve("made").toString(), "/made");
        buildah("config", "--cmd", "/bin/busybox grep -q 'by a tool' /made", working);
        return working;
    }

    private String byBuildah(String working, String format) throws IOException, InterruptedException {
        var name = TestRegistry.reference("built/buildah:" + format);
        buildah("commit", "--quiet", "--tls-verify=false", "--format=" + format, working, "docker://" + name);
        return name;
    }

    private String buildah(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("buildah"));
        command.addAll(storage());
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    /** What Podman and Buildah keep, below our own directories. */
    private List<String> storage() {
        return List.of("--root=" + directory.resolve("podman"), "--runroot=" + podmanRun, "--storage-driver=vfs");
    }

    private String run(String... command) throws IOException, InterruptedException {
        return Program.run(directory, List.of(command)).expectSuccess();
    }
}
