package io.keelson.e2e;

import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** crictl on a node: its files for pods and containers, and what it says. */
final class CrictlScene {
    static final String BUSYBOX = "registry.k8s.io/" + TestImages.BUSYBOX;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Node node;

    CrictlScene(Node node) {
        this.node = node;
    }

    /** What a command said that ended well. */
    String say(String... arguments) throws IOException, InterruptedException {
        return node.crictl(arguments).expectSuccess();
    }

    /** Its lines. */
    List<String> lines(String... arguments) throws IOException, InterruptedException {
        return say(arguments)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    JsonNode json(String... arguments) throws IOException, InterruptedException {
        return JSON.readTree(say(arguments));
    }

    /** The file of a pod in the namespace e2e, with these labels. */
    String pod(String name, Map<String, String> labels) throws IOException {
        return file(
                "pod-" + name,
                Map.of(
                        "metadata", Map.of("name", name, "namespace", "e2e", "uid", name + "-uid", "attempt", 0),
                        "hostname", name,
                        "log_directory", logs(name).toString(),
                        "labels", labels,
                        "linux",
                                Map.of(
                                        "cgroup_parent", node.place().cgroupParent(),
                                        "security_context", Map.of("namespace_options", Map.of("pid", 1)))));
    }

    Path logs(String pod) {
        return node.place().logs().resolve(pod);
    }

    /** The file of a container whose log is {@code attempt.log}. */
    String container(String name, int attempt, Map<String, String> labels, String... command) throws IOException {
        return file(
                "container-" + name + attempt,
                Map.of(
                        "metadata", Map.of("name", name, "attempt", attempt),
                        "image", Map.of("image", BUSYBOX),
                        "command", List.of(command),
                        "log_path", attempt + ".log",
                        "labels", labels,
                        "linux", Map.of()));
    }

    private String file(String name, Map<String, Object> contents) throws IOException {
        return Files.writeString(node.place().directory().resolve(name + ".json"), JSON.writeValueAsString(contents))
                .toString();
    }
}
