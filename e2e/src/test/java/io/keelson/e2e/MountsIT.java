package io.keelson.e2e;

import static io.keelson.e2e.Requests.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.IDMapping;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.Mount;
import io.keelson.proto.MountPropagation;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.RemoveImageRequest;
import io.keelson.proto.StatusRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container mounts from the host, as the kernel shows it inside, by each OCI runtime. */
@Tag("trap-11")
class MountsIT {
    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    @TempDir
    static Path shared;

    private static Node node;
    private Leftovers leftovers;
    private PodSandboxConfig pod;
    private Path volume;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(shared, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
    }

    /** A volume is a mount of its own with another one below it, neither of which takes part in propagation. */
    @BeforeEach
    void makeVolume(@TempDir Path directory) throws Exception {
        pod = Requests.pod(node.place(), "mounts").build();
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        volume = Files.createDirectory(directory.resolve("volume"));
        mount("-t", "tmpfs", "volume", volume.toString());
        mount("--make-private", volume.toString());
        mount(
                "-t",
                "tmpfs",
                "below",
                Files.createDirectory(volume.resolve("below")).toString());
    }

    @AfterEach
    void endVolume() throws Exception {
        run("umount", "--recursive", volume.toString());
    }

    private static void mount(String... arguments) throws IOException, InterruptedException {
        var command = new String[arguments.length + 1];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        run(command);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Program.run(shared, List.of(command)).expectSuccess();
    }

    private Mount.Builder at(String where) {
        return Mount.newBuilder().setHostPath(volume.toString()).setContainerPath(where);
    }

    private static ContainerConfig.Builder container() {
        return Requests.container("c", BUSYBOX, List.of("sleep", "100000"));
    }

    private static String inside(String container, String script) {
        return Requests.exec(node.cri(), container, "sh", "-c", "(" + script + ") 2>&1")
                .getStdout()
                .toStringUtf8();
    }

    /** The options of the mount at the path (proc_pid_mountinfo(5), field 6). */
    private static List<String> options(String container, String where) {
        var found = inside(container, "awk '$5 == \"" + where + "\" { print $6 }' /proc/self/mountinfo");
        return List.of(found.strip().split(","));
    }

    @Test
    void theNodeSaysWhatItsHandlersCanDo() {
        var status = node.cri().runtime(DEADLINE).status(StatusRequest.getDefaultInstance());

        assertThat(status.getFeatures().getMountOptions()).isTrue();
        assertThat(status.getRuntimeHandlersList())
                .as("the default handler has the empty name")
                .extracting("name")
                .containsExactly("", "crun", "runc");
        assertThat(status.getRuntimeHandlersList())
                .allMatch(handler -> handler.getFeatures().getRecursiveReadOnlyMounts());
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void eachMountIsAsItWasAskedFor(String handler) throws Exception {
        var file = Files.writeString(volume.resolve("file"), "contents");
        var missing = volume.resolve("a/b");
        // A mount point in a read-only mount cannot be made.
        Files.createDirectory(volume.resolve("plain"));
        var podId = Requests.run(node.cri(), pod, handler);
        var id = Requests.start(
                node.cri(),
                podId,
                pod,
                container()
                        // The deeper one first: mounts are made in the order of their depth.
                        .addMounts(at("/v/deep/plain"))
                        .addMounts(at("/v/deep").setReadonly(true))
                        .addMounts(at("/rro").setReadonly(true).setRecursiveReadOnly(true))
                        .addMounts(at("/etc/file")
                                .setHostPath(file.toString())
                                .setReadonly(true)
                                .setRecursiveReadOnly(true))
                        .addMounts(at("/options").addAllMountOptions(List.of("noexec", "nodev", "nosuid")))
                        .addMounts(at("/noexec").setReadonly(true).addMountOptions("noexec"))
                        .addMounts(at("/missing").setHostPath(missing.toString()))
                        .build());

        assertThat(options(id, "/v/deep/plain")).contains("rw").doesNotContain("noexec", "nodev", "nosuid");
        assertThat(options(id, "/v/deep")).contains("ro");
        assertThat(options(id, "/v/deep/below"))
                .as("read-only is of the mount alone")
                .contains("rw");
        assertThat(options(id, "/rro")).contains("ro");
        assertThat(options(id, "/rro/below")).contains("ro");
        assertThat(inside(id, "touch /rro/below/x")).contains("Read-only");
        assertThat(inside(id, "echo x >/etc/file")).contains("Read-only");
        assertThat(options(id, "/options")).contains("rw", "noexec", "nodev", "nosuid");
        assertThat(options(id, "/noexec")).contains("ro", "noexec").doesNotContain("nodev", "nosuid");
        assertThat(inside(id, "cp /bin/busybox /options/; /options/busybox true"))
                .contains("Permission denied");
        assertThat(inside(id, "/v/deep/plain/busybox true && echo ran")).contains("ran");
        assertThat(missing).isDirectory();
        assertThat(inside(id, "grep -c -E '(shared|master):' /proc/self/mountinfo"))
                .as("private is the default")
                .isEqualTo("0\n");
        assertThat(Requests.status(node.cri(), id).getMountsList())
                .filteredOn(mount -> mount.getContainerPath().equals("/rro"))
                .singleElement()
                .matches(Mount::getRecursiveReadOnly);
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private static Mount.Builder image(String image, String where) {
        return Mount.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setContainerPath(where)
                .setReadonly(true);
    }

    /** As its layers are seen together, until the container is gone: whatever becomes of the image and of the daemon. */
    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void anImageIsMountedWholeAndInPart(String handler) throws Exception {
        var image = TestRegistry.reference("keelson/layers");
        var imageId = Requests.pull(node.cri(), image);
        var podId = Requests.run(node.cri(), pod, handler);
        var id = Requests.start(
                node.cri(),
                podId,
                pod,
                container()
                        .addMounts(image(image, "/image"))
                        .addMounts(
                                image(imageId, "/part").setImageSubPath("kinds").addMountOptions("noexec"))
                        .addMounts(image(image, "/etc/one").setImageSubPath("kinds/link"))
                        .build());

        assertThat(options(id, "/image")).contains("ro", "nosuid", "nodev").doesNotContain("noexec");
        assertThat(options(id, "/part")).contains("ro", "noexec");
        assertThat(inside(id, "touch /image/x")).contains("Read-only");
        assertThat(inside(id, "/image/bin/busybox echo ran")).isEqualTo("ran\n");
        assertThat(inside(id, "cat /etc/one; stat -c %u:%g /part/owned; ls /part/opaque; ls /part/removed"))
                .startsWith("of the upper layer\n1234:5678\nseen\n")
                .contains("No such file");
        assertThat(Requests.status(node.cri(), id).getMountsList())
                .extracting(mount -> mount.getImage().getImageRef())
                .hasSize(3)
                .allMatch(reference -> reference.contains("keelson/layers@sha256:"));

        removeImage(image);
        node.kill();
        node.restart();
        assertThat(inside(id, "cat /image/kinds/replaced")).isEqualTo("of the upper layer\n");
        Requests.removePod(node.cri(), podId);
        Requests.pull(node.cri(), image);
        removeImage(image);
        leftovers.assertNone();
    }

    private static void removeImage(String image) {
        node.cri()
                .images(DEADLINE)
                .removeImage(RemoveImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(image))
                        .build());
    }

    /** The owner on disk is 5:6; inside it is what the mapping makes of that. */
    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void aMountHasItsIdsMapped(String handler) throws Exception {
        run("chown", "5:6", Files.createFile(volume.resolve("file")).toString());
        var podId = Requests.run(node.cri(), pod, handler);
        var id = Requests.start(
                node.cri(),
                podId,
                pod,
                container()
                        .addMounts(
                                at("/mapped").addUidMappings(mapping(100_000)).addGidMappings(mapping(200_000)))
                        .build());

        assertThat(inside(id, "stat -c %u:%g /mapped/file")).isEqualTo("100005:200006\n");
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private static IDMapping mapping(int host) {
        return IDMapping.newBuilder()
                .setHostId(host)
                .setContainerId(0)
                .setLength(65_536)
                .build();
    }

    /** rslave and rshared are tried in critest; here, that what would silently do nothing is refused. */
    @Test
    void propagationNeedsASourceThatHasIt() throws Exception {
        var podId = Requests.run(node.cri(), pod);
        var toContainer = container()
                .addMounts(at("/v").setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER))
                .build();
        var bothWays = container()
                .addMounts(at("/v").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL))
                .build();

        refused(Code.FAILED_PRECONDITION, podId, toContainer, volume.toString(), "shared nor a slave");
        refused(Code.FAILED_PRECONDITION, podId, bothWays, volume.toString(), "not a shared");
        mount("--make-shared", volume.toString());
        Requests.remove(node.cri(), Requests.create(node.cri(), podId, pod, bothWays));
        Requests.remove(node.cri(), Requests.create(node.cri(), podId, pod, toContainer));
        var slave = volume.resolve("below");
        mount("--bind", volume.toString(), slave.toString());
        mount("--make-slave", slave.toString());
        Requests.remove(node.cri(), Requests.create(node.cri(), podId, pod, on(slave, toContainer)));
        refused(Code.FAILED_PRECONDITION, podId, on(slave, bothWays), slave.toString(), "not a shared");
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private static ContainerConfig on(Path source, ContainerConfig container) {
        var other = container.toBuilder();
        other.getMountsBuilder(0).setHostPath(source.toString());
        return other.build();
    }

    @Test
    void whatCannotBeIsRefusedAndNothingIsLeft() throws Exception {
        var podId = Requests.run(node.cri(), pod);
        var recursive = at("/v").setRecursiveReadOnly(true);
        invalid(podId, recursive.clone(), "recursively", "not read-only");
        recursive.setReadonly(true);
        invalid(
                podId,
                recursive.clone().setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER),
                "recursively",
                "propagation");
        invalid(
                podId,
                recursive.clone().setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL),
                "recursively",
                "propagation");
        for (var option : List.of("exec", "rw", "remount", "upperdir=/etc", "", "noexec,nodev")) {
            invalid(podId, at("/v").addMountOptions(option), "options", "noexec");
        }
        invalid(podId, at("/v").addUidMappings(mapping(100_000)), "not both");
        invalid(podId, at("/v").setImage(ImageSpec.newBuilder().setImage(BUSYBOX)), "path on the host");
        invalid(podId, at("/v").setImageSubPath("bin"), "no image");
        invalid(podId, image(BUSYBOX, "/v").setReadonly(false), "ImageVolumeMountFailed", "read-only");
        refused(
                Code.NOT_FOUND,
                podId,
                container()
                        .addMounts(image(BUSYBOX, "/v").setImageSubPath("not/there"))
                        .build(),
                "ImageVolumeMountFailed",
                "no such path");
        refused(
                Code.NOT_FOUND,
                podId,
                container().addMounts(image("nobody/has:it", "/v")).build(),
                "ImageVolumeMountFailed",
                "nobody/has:it");
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }

    private void invalid(String podId, Mount.Builder mount, String... words) {
        refused(Code.INVALID_ARGUMENT, podId, container().addMounts(mount).build(), words);
    }

    private void refused(Code code, String podId, ContainerConfig container, String... words) {
        Refused.with(code, () -> Requests.create(node.cri(), podId, pod, container), words);
    }
}
