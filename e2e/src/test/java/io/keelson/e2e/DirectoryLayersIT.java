package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.IDMapping;
import io.keelson.proto.ImageFsInfoRequest;
import io.keelson.proto.ImageFsInfoResponse;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.Mount;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.NamespaceOption;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.UserNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A node on which layers are directories, as where the kernel has no EROFS ({@code [storage] layer_store}). */
class DirectoryLayersIT {
    private static final String IMAGE = TestRegistry.reference("keelson/plain");
    private static final String CHECK =
            "cat /marker && touch /bin/new && ! test -e /image/bin/new && rm /marker && cat /image/marker"
                    + " && ! touch /image/x 2>/dev/null && id -u";

    @TempDir
    Path directory;

    @Test
    void podsRunRestartAreRepairedAndLeaveNothing() throws Exception {
        try (var node = Node.start(
                directory,
                TestRegistry.daemon(),
                // A key of [images], which is the table before.
                Setup.with(TestRegistry.server()).storing("directory").configured("keep_blobs = \"compressed\"\n"))) {
            var leftovers = Leftovers.before(node.place(), DirectoryLayersIT::isForAll);
            Requests.prepare(node, IMAGE);
            assertThat(layers(node)).isNotEmpty();
            isReadByOthers(node);
            for (var handler : List.of("crun", "runc")) {
                runs(node, Requests.pod(node.place(), "plain-" + handler), handler);
                runs(node, mapped(Requests.pod(node.place(), "mapped-" + handler)), handler);
            }
            survives(node);
            assertThat(used(node)).isPositive();
            Requests.removeImage(node.cri(), IMAGE);
            assertThat(used(node)).isZero();
            await().atMost(LifeScene.PATIENCE).until(() -> layers(node).isEmpty());
            leftovers.assertNone();
        }
    }

    /** Made by the first pod, and kept. */
    private static boolean isForAll(String file) {
        return file.startsWith("state/layers") || file.equals("state/containers") || file.equals("state/pods");
    }

    private static ContainerConfig.Builder container(String name) {
        return Requests.container(name, IMAGE, List.of("sleep", "100000"))
                .addMounts(Mount.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(IMAGE))
                        .setContainerPath("/image")
                        .setReadonly(true));
    }

    private static PodSandboxConfig.Builder mapped(PodSandboxConfig.Builder pod) {
        var ids = IDMapping.newBuilder().setHostId(100_000).setLength(65_536);
        pod.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(NamespaceOption.newBuilder()
                        .setUsernsOptions(UserNamespace.newBuilder()
                                .setMode(NamespaceMode.POD)
                                .addUids(ids)
                                .addGids(ids)));
        return pod;
    }

    private static void runs(Node node, PodSandboxConfig.Builder wanted, String handler) {
        var pod = wanted.build();
        var namespaces = pod.getLinux().getSecurityContext().getNamespaceOptions();
        var container = container("checks");
        container.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(namespaces);
        if (namespaces.hasUsernsOptions()) {
            container
                    .getMountsBuilder(0)
                    .addAllUidMappings(namespaces.getUsernsOptions().getUidsList())
                    .addAllGidMappings(namespaces.getUsernsOptions().getGidsList());
        }
        var podId = Requests.run(node.cri(), pod, handler);
        var id = Requests.start(node.cri(), podId, pod, container.build());
        var said = Requests.exec(node.cri(), id, "sh", "-c", CHECK);
        assertThat(said.getStdout().toStringUtf8())
                .as(handler + ": " + said.getStderr().toStringUtf8())
                .isEqualTo("plain\nplain\n0\n");
        Requests.removePod(node.cri(), podId);
    }

    /** A layer that is damaged under a container is brought again; the container keeps what it stands on, killed daemon or not. */
    private static void survives(Node node) throws Exception {
        var pod = Requests.pod(node.place(), "stays").build();
        var podId = Requests.run(node.cri(), pod);
        var id = Requests.start(node.cri(), podId, pod, container("stays").build());
        var layers = node.place().root().resolve("layers");
        Program.run(
                        node.place().directory(),
                        List.of("sh", "-c", "printf damaged > $(find " + layers + " -type f -name marker)"))
                .expectSuccess();

        assertThat(node.command("image", "verify", IMAGE).expectSuccess()).contains("repaired");
        node.kill();
        node.restart();

        assertThat(Requests.exec(node.cri(), id, "cat", "/marker").getStdout().toStringUtf8())
                .isEqualTo("damaged");
        var other = Requests.start(node.cri(), podId, pod, container("new").build());
        assertThat(Requests.exec(node.cri(), other, "cat", "/marker")
                        .getStdout()
                        .toStringUtf8())
                .isEqualTo("plain\n");
        Requests.removePod(node.cri(), podId);
    }

    /** From where it lies, beside the daemon, which knows nothing of it; and from where it is exported. */
    private void isReadByOthers(Node node) throws Exception {
        var name = IMAGE + ":latest";
        var exported = directory.resolve("exported");
        node.command("image", "export", "--format=directory", name, exported.toString())
                .expectSuccess();
        var details = node.command("image", "inspect", name).expectSuccess();
        for (var layout : List.of(node.place().root().resolve("images"), exported)) {
            var copy = directory.resolve("copy");
            run("skopeo", "copy", "--quiet", "oci:" + layout + ":" + name, "oci:" + copy + ":plain");
            assertThat(details)
                    .contains(JsonMapper.shared()
                            .readTree(run("skopeo", "inspect", "--raw", "oci:" + copy + ":plain"))
                            .at("/config/digest")
                            .asString());
            var scanned = LayoutScanner.look(directory, layout, "/marker");
            assertThat(scanned.contents()).isEqualTo("plain");
            assertThat(details).contains(scanned.id());
            var unpacked = directory.resolve("unpacked");
            run("umoci", "unpack", "--image=" + layout + ":" + name, unpacked.toString());
            assertThat(unpacked.resolve("rootfs/marker")).hasContent("plain");
            TemporaryTree.remove(copy);
            TemporaryTree.remove(unpacked);
        }
        TemporaryTree.remove(exported);
    }

    private String run(String... command) throws Exception {
        return Program.run(directory, List.of(command)).expectSuccess();
    }

    private static List<Path> layers(Node node) throws Exception {
        try (var layers = Files.list(node.place().root().resolve("layers"))) {
            return layers.toList();
        }
    }

    private static long used(Node node) {
        ImageFsInfoResponse info =
                node.cri().images(Requests.DEADLINE).imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        return info.getImageFilesystems(0).getUsedBytes().getValue();
    }
}
