package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.proto.ListContainersRequest;
import io.keelson.proto.ListImagesRequest;
import io.keelson.proto.ListPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of the host a request must leave as it was: a tree of files that is none of the node's, kernel parameters that everybody
 * has in common, what the daemon has mounted, the network namespaces, and what the three lists answer; and by {@link Leftovers}
 * processes, control groups, interfaces, addresses and the daemon's own files.
 */
final class HostState {
    private static final List<String> PARAMETERS = List.of(
            "kernel/core_pattern", "kernel/shmmax", "kernel/panic", "net/ipv4/ip_forward", "net/core/somaxconn");

    private static final Path NETWORK_NAMESPACES = Path.of("/run/netns");

    private final Node node;
    private final Path victim;
    private final Map<String, String> before;
    private final Leftovers leftovers;

    private HostState(Node node, Path victim) throws IOException, InterruptedException {
        this.node = node;
        this.victim = victim;
        before = look();
        leftovers = Leftovers.before(node.place(), file -> ImageLayout.isPartOf(file) || isOfLayer(file));
    }

    /** How it is now; {@code victim} is a tree that no request has anything to do with. */
    static HostState of(Node node, Path victim) throws IOException, InterruptedException {
        return new HostState(node, victim);
    }

    /** The layers of an image stay mounted for its next container. */
    private static boolean isOfLayer(String file) {
        return file.startsWith("state/layers/");
    }

    /** Fails with what is different, new or gone. */
    void assertUnchanged() throws IOException, InterruptedException {
        // First, since it waits a moment for what ends by itself.
        leftovers.assertNone();
        assertThat(look()).isEqualTo(before);
    }

    private Map<String, String> look() throws IOException {
        var found = new TreeMap<String, String>();
        files(found);
        for (var parameter : PARAMETERS) {
            found.put("sysctl " + parameter, Files.readString(Path.of("/proc/sys", parameter)));
        }
        found.put("mounts", mounts());
        found.put("network namespaces", names(NETWORK_NAMESPACES));
        lists(found);
        return found;
    }

    private void files(Map<String, String> found) throws IOException {
        try (var walk = Files.walk(victim)) {
            for (var path : walk.toList()) {
                var attributes = Files.readAttributes(
                        path, "unix:mode,uid,gid,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                found.put("file " + victim.relativize(path), new TreeMap<>(attributes) + " " + content(path));
            }
        }
    }

    private static String content(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return Files.readSymbolicLink(path).toString();
        }
        return Files.isRegularFile(path) ? sha256(Files.readAllBytes(path)) : "";
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** Of the daemon's own mount namespace: where, and what of which file system. */
    private String mounts() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(node.pid()), "mountinfo"))
                .lines()
                .map(line -> line.split(" ", 6))
                .map(fields -> fields[4] + " " + fields[3])
                .filter(mount -> !mount.startsWith(node.place().state() + "/layers/"))
                .sorted()
                .reduce("", (all, each) -> all + "\n" + each);
    }

    private static String names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return "";
        }
        try (var list = Files.list(directory)) {
            return list.map(Path::getFileName).sorted().toList().toString();
        }
    }

    private void lists(Map<String, String> found) {
        var runtime = node.cri().runtime(Requests.DEADLINE);
        put(
                found,
                "pods",
                runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList());
        put(
                found,
                "containers",
                runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList());
        put(
                found,
                "images",
                node.cri()
                        .images(Requests.DEADLINE)
                        .listImages(ListImagesRequest.getDefaultInstance())
                        .getImagesList());
    }

    private static void put(Map<String, String> found, String name, List<? extends Message> answer) {
        found.put(name, answer.stream().map(Message::toString).sorted().toList().toString());
    }
}
