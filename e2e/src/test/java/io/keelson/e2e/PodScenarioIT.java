package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The main job with the real crictl, from pull to rmi, by each OCI runtime; after it nothing is left. */
class PodScenarioIT {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HTTPD = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";
    private static final String BODY = "httpd answers\n";

    @TempDir
    Path directory;

    private Node node;

    @AfterEach
    void end() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void crictlDoesItsWholeJobAndNothingIsLeft(String handler) throws Exception {
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).by(handler));
        Requests.assumePods(node.cri());
        var leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        var hostPort = FreePorts.take();
        node.crictl("pull", HTTPD).expectSuccess();

        var pod = node.crictl("runp", podFile(hostPort)).expectSuccess();
        assertThat(pod).matches("[0-9a-f]{64}");
        assertThat(json("pods", "-o", "json").at("/items/0/id").stringValue()).isEqualTo(pod);
        var inspectedPod = json("inspectp", pod).at("/status");
        assertThat(inspectedPod.at("/state").stringValue()).isEqualTo("SANDBOX_READY");
        assertThat(inspectedPod.at("/metadata/name").stringValue()).isEqualTo("scenario");
        var address = inspectedPod.at("/network/ip").stringValue();
        assertThat(address).startsWith(node.place().subnetPrefix());

        var container =
                node.crictl("create", pod, containerFile(), podFile(hostPort)).expectSuccess();
        assertThat(json("inspect", container).at("/status/state").stringValue()).isEqualTo("CONTAINER_CREATED");
        node.crictl("start", container).expectSuccess();
        assertThat(json("ps", "-o", "json").at("/containers/0/id").stringValue())
                .isEqualTo(container);
        var running = json("inspect", container).at("/status");
        assertThat(running.at("/state").stringValue()).isEqualTo("CONTAINER_RUNNING");
        assertThat(running.at("/logPath").stringValue())
                .isEqualTo(node.place().logs().resolve("web.log").toString());

        Pages.assertServed("http://127.0.0.1:" + hostPort + "/", BODY);
        Pages.assertServed("http://" + node.place().gateway() + ":" + hostPort + "/", BODY);
        Pages.assertServed("http://" + address + "/", BODY);
        assertThat(node.crictl("logs", container).expectSuccess()).isEqualTo("httpd starts");
        assertExecutes(container);

        node.crictl("stop", "--timeout", "1", container).expectSuccess();
        var exited = json("inspect", container).at("/status");
        assertThat(exited.at("/state").stringValue()).isEqualTo("CONTAINER_EXITED");
        assertThat(exited.at("/exitCode").intValue()).isIn(137, 143);
        assertThat(json("ps", "-o", "json").at("/containers")).isEmpty();
        node.crictl("rm", container).expectSuccess();
        node.crictl("stopp", pod).expectSuccess();
        assertThat(json("inspectp", pod).at("/status/state").stringValue()).isEqualTo("SANDBOX_NOTREADY");
        node.crictl("rmp", pod).expectSuccess();
        assertThat(json("pods", "-o", "json").at("/items")).isEmpty();
        node.crictl("rmi", HTTPD).expectSuccess();
        leftovers.assertNone();
    }

    private void assertExecutes(String container) throws Exception {
        assertThat(node.crictl("exec", "-s", container, "hostname").expectSuccess())
                .isEqualTo("scenario");
        assertThat(node.crictl("exec", "-s", container, "cat", "/etc/resolv.conf")
                        .expectSuccess())
                .contains("nameserver 10.0.0.10", "search e2e.example");
        var failed = node.crictl("exec", "-s", container, "sh", "-c", "echo no >&2; exit 3");
        assertThat(failed.exitCode()).isNotZero();
        assertThat(failed.stderr()).contains("3");
    }

    private JsonNode json(String... arguments) throws Exception {
        return JSON.readTree(node.crictl(arguments).expectSuccess());
    }

    private String podFile(int hostPort) throws Exception {
        return write("pod.json", """
                {
                  "metadata": { "name": "scenario", "namespace": "e2e", "uid": "scenario-uid" },
                  "hostname": "scenario",
                  "log_directory": "%s",
                  "dns_config": { "servers": ["10.0.0.10"], "searches": ["e2e.example"] },
                  "port_mappings": [{ "container_port": 80, "host_port": %d }],
                  "linux": {
                    "cgroup_parent": "%s",
                    "security_context": { "namespace_options": { "pid": 1 } }
                  }
                }
                """.formatted(
                        node.place().logs(), hostPort, node.place().cgroupParent()));
    }

    private String containerFile() throws Exception {
        return write("container.json", """
                { "metadata": { "name": "web" }, "image": { "image": "%s" }, "log_path": "web.log", "linux": {} }
                """.formatted(HTTPD));
    }

    private String write(String name, String content) throws Exception {
        return Files.writeString(directory.resolve(name), content).toString();
    }
}
