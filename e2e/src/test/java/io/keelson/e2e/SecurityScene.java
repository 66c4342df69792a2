package io.keelson.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.keelson.e2e.images.HostileImages;
import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.Image;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A node with hostile images beside it, and a tree on its host that nobody may touch; for all tests of a class, from its first to its
 * last.
 */
final class SecurityScene implements BeforeAllCallback, AfterAllCallback {
    /** What most containers do: nothing, until they are killed. */
    static final List<String> IDLE = List.of("sleep", "100000");

    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    private Path directory;
    private Path victim;
    private HostileImages images;
    private Node node;
    private Answering answering;

    /** With what stays for all later scenes already there. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        directory = Files.createTempDirectory("keelson-security");
        victim = Files.createDirectories(directory.resolve("victim"));
        Files.writeString(victim.resolve("shadow"), "secret:x:0:0::/:/bin/sh\n");
        Files.createDirectories(victim.resolve("below"));
        var materials = new Materials(Path.of(Program.required("keelson.materials")));
        images = new HostileImages(materials, TestRegistry.server().address());
        node = Node.start(
                Files.createDirectories(directory.resolve("node")),
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        answering = new Answering(node);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (answering != null) {
            answering.close();
        }
        if (node != null) {
            node.close();
        }
        if (images != null) {
            images.close();
        }
        TemporaryTree.remove(directory);
    }

    /** For what a test puts on the host. */
    Path directory() {
        return directory;
    }

    Node node() {
        return node;
    }

    Cri cri() {
        return node.cri();
    }

    HostileImages images() {
        return images;
    }

    /** A directory of the host with a file {@code shadow} and a directory {@code below}. */
    Path victim() {
        return victim;
    }

    /** A path from the root of whatever is taken for root to the victim: absolute and by more steps up than there are. */
    List<String> linksToVictim() {
        return List.of(victim.toString(), "../".repeat(20) + victim.toString().substring(1));
    }

    HostState state() throws IOException, InterruptedException {
        return HostState.of(node, victim);
    }

    /** Fails unless the request is refused so, leaves the host as it was, and the daemon answers all the while. */
    void refused(HostState state, Code code, ThrowingCallable request, String... words) throws Exception {
        Refused.with(code, request, words);
        state.assertUnchanged();
        answering.assertPrompt();
    }

    PodSandboxConfig.Builder pod(String name) {
        return Requests.pod(node.place(), name);
    }

    interface PodAction {
        void in(Pod pod) throws Exception;
    }

    /** Does something in a pod of its own, removes it, and fails if the host is not as it was. */
    void withPod(PodSandboxConfig config, String handler, PodAction action) throws Exception {
        var state = state();
        var id = Requests.run(node.cri(), config, handler);
        try {
            action.in(new Pod(id, config));
        } finally {
            Requests.removePod(node.cri(), id);
        }
        state.assertUnchanged();
        answering.assertPrompt();
    }

    /** A pod that is there. */
    final class Pod {
        private final String id;
        private final PodSandboxConfig config;

        private Pod(String id, PodSandboxConfig config) {
            this.id = id;
            this.config = config;
        }

        String id() {
            return id;
        }

        String create(ContainerConfig.Builder container) {
            return Requests.create(node.cri(), id, config, container.build());
        }

        String start(ContainerConfig.Builder container) {
            return Requests.start(node.cri(), id, config, container.build());
        }

        /** An idle container that differs from others by {@code change}. */
        String start(String name, String image, Consumer<ContainerConfig.Builder> change) {
            var container = Requests.container(name, image, IDLE);
            change.accept(container);
            return start(container);
        }

        String start(String name, String image) {
            return start(name, image, _ -> {});
        }
    }

    /** What a command in the container said on stdout; fails unless it ends well. */
    String ask(String container, String... command) {
        var answer = Requests.exec(node.cri(), container, command);
        assertThat(answer.getExitCode())
                .as("%s: %s", List.of(command), answer.getStderr().toStringUtf8())
                .isZero();
        return answer.getStdout().toStringUtf8().strip();
    }

    Image imageStatus(String name) {
        return node.cri()
                .images(Requests.DEADLINE)
                .imageStatus(ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(name))
                        .build())
                .getImage();
    }

    /** The configuration that the container's runtime was given. */
    JsonNode specification(String container) throws IOException {
        var file = node.place().state().resolve("containers").resolve(container).resolve("config.json");
        return JsonMapper.shared().readTree(Files.readString(file, UTF_8));
    }
}
