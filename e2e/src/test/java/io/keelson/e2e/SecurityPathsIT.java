package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.LayerTar;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Paths of images and requests that lead out of the container's root (docs/security-tests.md, "Paths in a root file system"). */
class SecurityPathsIT {
    private static final List<String> HANDLERS = List.of("crun", "runc");
    /** Of each runtime, against a neighbour that swaps a directory for a link all the while. */
    private static final int STARTS_IN_A_RACE = 12;

    @RegisterExtension
    static final SecurityScene scene = new SecurityScene();

    private interface Look {
        void at(String container) throws Exception;
    }

    /** Starts a container of each image by each runtime, has a look at it, and fails if the host is not as it was. */
    private static void startEach(List<String> images, Look look) throws Exception {
        images.forEach(image -> Requests.pull(scene.cri(), image));
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod("paths").build(), handler, pod -> {
                for (var image : images) {
                    look.at(pod.start("c-" + images.indexOf(image), image));
                }
            });
        }
    }

    /** A link at {@code path} to each of the ways to the victim, and what is below it. */
    private static List<String> imagesWithLinkAt(String path, String below) throws Exception {
        var links = scene.linksToVictim();
        var images = new ArrayList<String>();
        for (var link : links) {
            images.add(scene.images()
                    .push(
                            "link-" + path.replace('/', '-') + "-" + links.indexOf(link),
                            new LayerTar().symbolicLink(path, link + below)));
        }
        return images;
    }

    private static void assertIsDirectory(String container, String path) {
        scene.ask(container, "sh", "-c", "test -d " + path + " && test ! -L " + path);
    }

    private static List<String> mountPoints(String container) {
        return scene.ask(container, "cat", "/proc/self/mountinfo")
                .lines()
                .map(line -> line.split(" ", 6)[4])
                .sorted()
                .toList();
    }

    @Test
    @Tag("T22")
    void volumesOfAnImageLeadNowhere() throws Exception {
        var volumes = Stream.concat(
                        scene.linksToVictim().stream().map(path -> "/" + path + "/below/volume"),
                        Stream.of("/link", "/link" + scene.victim() + "/volume", "/proc/1/root/tmp"))
                .collect(Collectors.toMap(path -> path, _ -> Map.of()));
        var image = scene.images()
                .push("volumes", new LayerTar().symbolicLink("link", "/"), each -> each.with("Volumes", volumes));
        startEach(
                List.of(image),
                container -> assertThat(mountPoints(container))
                        .noneMatch(point -> point.contains("volume") || point.startsWith("/link")));
    }

    @Test
    @Tag("T23")
    void anEtcThatIsALinkIsMadeADirectory() throws Exception {
        startEach(imagesWithLinkAt("etc", ""), container -> {
            assertIsDirectory(container, "/etc");
            assertThat(scene.ask(container, "cat", "/etc/hosts")).contains("localhost");
        });
    }

    @Test
    @Tag("T23")
    void linksInThePlaceOfFilesThatArePutThereLeadNowhere() throws Exception {
        for (var file : List.of("hosts", "hostname", "resolv.conf", "passwd", "mtab")) {
            startEach(
                    imagesWithLinkAt("etc/" + file, "/shadow"),
                    container -> assertThat(scene.ask(container, "sh", "-c", "cat /etc/" + file + " 2>/dev/null; true"))
                            .doesNotContain("secret"));
        }
    }

    @Test
    @Tag("T23")
    void linksInThePlaceOfDirectoriesThatAreMountedOnLeadNowhere() throws Exception {
        var images = Stream.concat(imagesWithLinkAt("run", "").stream(), imagesWithLinkAt("dev/shm", "").stream());
        startEach(images.toList(), container -> {
            assertIsDirectory(container, "/dev/shm");
            assertIsDirectory(container, "/dev");
        });
    }

    @Test
    @Tag("T24")
    void aWorkingDirectoryIsMadeInTheContainerAlone() throws Exception {
        var links = scene.linksToVictim();
        var tar = new LayerTar().symbolicLink("inside", "/tmp");
        links.forEach(link -> tar.symbolicLink("outside-" + links.indexOf(link), link));
        var image = scene.images().push("working-directory", tar);
        Requests.pull(scene.cri(), image);
        for (var handler : HANDLERS) {
            scene.withPod(scene.pod("paths").build(), handler, pod -> {
                for (var place : List.of("/outside-0/new", "/outside-1/new", "/outside-1/below/new")) {
                    startOrRefused(
                            pod,
                            Requests.container("c", image, SecurityScene.IDLE).setWorkingDir(place));
                }
                var container = pod.start("inside", image, each -> each.setWorkingDir("/inside/new"));
                assertThat(scene.ask(container, "pwd", "-P")).isEqualTo("/tmp/new");
            });
        }
    }

    /** Either is safe; what counts is how the host is afterwards. */
    private static void startOrRefused(SecurityScene.Pod pod, ContainerConfig.Builder container) throws Exception {
        var state = scene.state();
        try {
            var id = pod.create(container);
            Requests.stop(scene.cri(), id, Duration.ZERO);
            Requests.remove(scene.cri(), id);
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode())
                    .as(e.getMessage())
                    .isIn(Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION);
        }
        state.assertUnchanged();
    }

    @Test
    @Tag("T26")
    void procAndSysAreTheKernelsWhateverTheImageHas() throws Exception {
        var images = Stream.concat(
                        Stream.concat(imagesWithLinkAt("proc", "").stream(), imagesWithLinkAt("sys", "").stream()),
                        Stream.of(scene.images()
                                .push(
                                        "files",
                                        new LayerTar()
                                                .file("proc", 0644, "a file")
                                                .file("sys", 0644, "a file"))))
                .toList();
        startEach(images, container -> {
            assertIsDirectory(container, "/proc");
            assertIsDirectory(container, "/sys");
            assertThat(mountPoints(container)).contains("/proc", "/sys");
            assertThat(scene.ask(container, "cat", "/proc/1/comm")).isEqualTo("sleep");
        });
    }

    /**
     * One container shares a volume with others that are started while it swaps a directory and a file in it for links to the host;
     * the others have mounts on these.
     */
    @Test
    @Tag("T26")
    @Tag("T27")
    void aNeighbourThatSwapsDirectoriesForLinksMovesNoMount() throws Exception {
        var source = Files.createDirectories(scene.directory().resolve("source"));
        Files.writeString(source.resolve("mark"), "mounted\n");
        for (var handler : HANDLERS) {
            var volume = Files.createDirectories(scene.directory().resolve("volume-" + handler));
            Files.createDirectories(volume.resolve("a"));
            Files.createFile(volume.resolve("f"));
            var up = scene.linksToVictim().getLast();
            Files.createSymbolicLink(volume.resolve("b"), Path.of(up, "new"));
            Files.createSymbolicLink(volume.resolve("g"), Path.of(up, "file"));
            scene.withPod(scene.pod("race").build(), handler, pod -> {
                pod.start(
                        "swapper",
                        SecurityScene.BUSYBOX,
                        container -> container
                                .clearCommand()
                                .addAllCommand(List.of("sh", "-c", """
                                cd /volume
                                while :; do
                                  mv -T a t; mv -T b a; mv -T f u; mv -T g f
                                  mv -T a b; mv -T t a; mv -T f g; mv -T u f
                                done 2>/dev/null"""))
                                .addMounts(mount(volume, "/volume")));
                for (var number = 0; number < STARTS_IN_A_RACE; number++) {
                    startInRace(pod, number, volume, source);
                }
            });
        }
    }

    private static void startInRace(SecurityScene.Pod pod, int number, Path volume, Path source) throws Exception {
        var container = Requests.container("c" + number, SecurityScene.BUSYBOX, SecurityScene.IDLE)
                .addMounts(mount(volume, "/volume"))
                .addMounts(mount(source, "/volume/a"))
                .addMounts(mount(source.resolve("mark"), "/volume/f"));
        try {
            var id = pod.start(container);
            assertThat(scene.ask(id, "ls", "/"))
                    .as("the container's own root")
                    .contains("bin")
                    .doesNotContain("victim");
            Requests.remove(scene.cri(), id);
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getCode()).as(e.getMessage()).isEqualTo(Code.FAILED_PRECONDITION);
        }
    }

    private static Mount mount(Path source, String where) {
        return Mount.newBuilder()
                .setHostPath(source.toString())
                .setContainerPath(where)
                .build();
    }

    @Test
    @Tag("T28")
    void aDevThatIsALinkIsMadeADirectory() throws Exception {
        startEach(imagesWithLinkAt("dev", ""), container -> {
            assertIsDirectory(container, "/dev");
            assertThat(scene.ask(container, "readlink", "/dev/fd")).isEqualTo("/proc/self/fd");
        });
    }

    @Test
    @Tag("T29")
    void aPathInAnImageThatIsMountedStaysInTheImage() throws Exception {
        var image = scene.images()
                .push(
                        "sub-paths",
                        new LayerTar()
                                .directory("data", 0755)
                                .symbolicLink("absolute", scene.victim().toString())
                                .symbolicLink("relative", scene.linksToVictim().getLast()));
        Requests.pull(scene.cri(), image);
        scene.withPod(scene.pod("paths").build(), "crun", pod -> {
            var state = scene.state();
            for (var path :
                    List.of("..", "../data", "data/../..", "/../data", "absolute", "relative", "relative/below")) {
                var container = Requests.container("c", SecurityScene.BUSYBOX, SecurityScene.IDLE)
                        .addMounts(Mount.newBuilder()
                                .setContainerPath("/mounted")
                                .setImage(ImageSpec.newBuilder().setImage(image))
                                .setImageSubPath(path)
                                .setReadonly(true));
                scene.refused(state, Code.INVALID_ARGUMENT, () -> pod.create(container), "image");
            }
        });
    }
}
