package io.keelson.e2e;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PortForwardRequest;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One pod on a node, and clients that talk with what is in it. Its end removes the pod, and fails if something is left. */
final class StreamScene {
    /** What most containers do: nothing, until they are killed. */
    static final List<String> IDLE = List.of("sleep", "100000");

    /** For a client that has no stdin to give. */
    static final Redirect NO_STDIN = Redirect.DISCARD;

    private static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;

    private final Node node;
    private final Leftovers leftovers;
    private final PodSandboxConfig pod;
    private final String podId;

    private StreamScene(Node node, PodSandboxConfig pod, String handler) throws IOException, InterruptedException {
        this.node = node;
        this.pod = pod;
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        podId = Requests.run(node.cri(), pod, handler);
    }

    /** A node for scenes, with what stays for all later ones already there. */
    static Node node(Path directory) throws IOException, InterruptedException {
        var node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        Requests.prepare(node, BUSYBOX);
        return node;
    }

    static StreamScene in(Node node) throws IOException, InterruptedException {
        return by("", node);
    }

    /** By another OCI runtime than the default one. */
    static StreamScene by(String handler, Node node) throws IOException, InterruptedException {
        return by(handler, node, "streams");
    }

    /** In a pod of another name, beside the first. */
    static StreamScene by(String handler, Node node, String name) throws IOException, InterruptedException {
        return new StreamScene(node, Requests.pod(node.place(), name).build(), handler);
    }

    static StreamScene in(Node node, PodSandboxConfig pod, String handler) throws IOException, InterruptedException {
        return new StreamScene(node, pod, handler);
    }

    static ContainerConfig.Builder container(List<String> command) {
        return Requests.container("talker", BUSYBOX, command);
    }

    static ContainerConfig.Builder shell(String script) {
        return container(List.of("sh", "-c", script));
    }

    String podId() {
        return podId;
    }

    String start(ContainerConfig.Builder container) {
        return Requests.start(node.cri(), podId, pod, container.build());
    }

    /** What the command said on stdout, through ExecSync. */
    String ask(String container, String... command) {
        return Requests.exec(node.cri(), container, command).getStdout().toStringUtf8();
    }

    String execUrl(ExecRequest.Builder request) {
        return node.cri().runtime(Requests.DEADLINE).exec(request.build()).getUrl();
    }

    String attachUrl(AttachRequest.Builder request) {
        return node.cri().runtime(Requests.DEADLINE).attach(request.build()).getUrl();
    }

    String forwardUrl() {
        return node.cri()
                .runtime(Requests.DEADLINE)
                .portForward(
                        PortForwardRequest.newBuilder().setPodSandboxId(podId).build())
                .getUrl();
    }

    /** A command with stdout and stderr, and with stdin unless that is {@link #NO_STDIN}. */
    StreamClient exec(StreamProtocol protocol, String container, Redirect stdin, String... command) throws IOException {
        return talk(
                protocol,
                execUrl(ExecRequest.newBuilder()
                        .setContainerId(container)
                        .addAllCmd(List.of(command))
                        .setStdin(!stdin.equals(NO_STDIN))
                        .setStdout(true)
                        .setStderr(true)),
                stdin);
    }

    /** A command with a terminal, whose sizes are given as the Go client wants them. */
    StreamClient execOnTerminal(StreamProtocol protocol, String container, String sizes, String... command)
            throws IOException {
        return StreamClient.start(
                node.place().directory(),
                "talk",
                protocol,
                List.of(
                        "-tty",
                        "-stdin",
                        "-sizes=" + sizes,
                        execUrl(ExecRequest.newBuilder()
                                .setContainerId(container)
                                .addAllCmd(List.of(command))
                                .setTty(true)
                                .setStdin(true)
                                .setStdout(true))));
    }

    /** Somebody attached to the container's own process. */
    StreamClient attach(StreamProtocol protocol, String container, Redirect stdin) throws IOException {
        return talk(
                protocol,
                attachUrl(AttachRequest.newBuilder()
                        .setContainerId(container)
                        .setStdin(!stdin.equals(NO_STDIN))
                        .setStdout(true)
                        .setStderr(true)),
                stdin);
    }

    private StreamClient talk(StreamProtocol protocol, String url, Redirect stdin) throws IOException {
        var arguments = new ArrayList<String>();
        var withStdin = !stdin.equals(NO_STDIN);
        if (withStdin) {
            arguments.add("-stdin");
        }
        arguments.add(url);
        return StreamClient.start(
                node.place().directory(), "talk", protocol, arguments, withStdin ? stdin : Redirect.PIPE);
    }

    StreamClient client(String verb, StreamProtocol protocol, String... arguments) throws IOException {
        return StreamClient.start(node.place().directory(), verb, protocol, List.of(arguments));
    }

    void end() throws IOException, InterruptedException {
        Requests.removePod(node.cri(), podId);
        leftovers.assertNone();
    }
}
