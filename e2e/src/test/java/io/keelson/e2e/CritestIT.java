package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ListPodSandboxRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole of critest, with exact counts: each of its specs passes, unless it is named, with the reason, in
 * {@code critest-not-passing.tsv}. A spec that begins to pass must leave that file.
 */
class CritestIT {
    private static final int SPECS = 122;
    private static final int STREAMING_SPECS = 5;
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final JsonMapper JSON = JsonMapper.shared();

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
    void everySpecThatIsNotNamedPasses(String handler) throws Exception {
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).by(handler));

        var report = runCritest("--ginkgo.skip=public image with digest");

        var others = new TreeSet<String>();
        var passed = 0;
        for (var spec : report) {
            var state = spec.at("/State").stringValue();
            if (state.equals("passed")) {
                passed++;
            } else {
                others.add(state + " " + name(spec));
            }
        }
        assertThat(others).containsExactlyElementsOf(notPassing());
        assertThat(passed).isEqualTo(SPECS - notPassing().size());
        assertThat(node.cri()
                        .runtime(Duration.ofSeconds(10))
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void theSpecsOfStreamingPassOverWebSocketsToo(String handler) throws Exception {
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).by(handler));

        var report = runCritest(
                "--websocket-exec", "--websocket-attach", "--websocket-portforward", "--ginkgo.focus=Streaming");

        assertThat(report)
                .filteredOn(spec -> !spec.at("/State").stringValue().equals("skipped"))
                .hasSize(STREAMING_SPECS)
                .allSatisfy(spec -> assertThat(spec.at("/State").stringValue())
                        .as(name(spec))
                        .isEqualTo("passed"));
    }

    private List<JsonNode> runCritest(String... options) throws IOException, InterruptedException {
        var programs = Files.createDirectory(directory.resolve("programs"));
        link(programs, "critest");
        link(programs, "ginkgo");
        var report = directory.resolve("critest.json");
        var endpoint = "unix://" + node.place().socket();
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "PATH=" + programs + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "critest",
                "--config=" + Files.createFile(directory.resolve("critest.yaml")),
                "--runtime-endpoint=" + endpoint,
                "--image-endpoint=" + endpoint,
                "--parallel=2",
                "--ginkgo.no-color",
                "--ginkgo.randomize-all",
                "--ginkgo.json-report=" + report));
        command.addAll(List.of(options));
        Program.run(directory, LIMIT, command);
        var specs = JSON.readTree(report).at("/0/SpecReports");
        return specs.valueStream()
                .filter(spec -> spec.at("/LeafNodeType").stringValue().equals("It"))
                .toList();
    }

    private static void link(Path directory, String tool) throws IOException {
        Files.createSymbolicLink(directory.resolve(tool), Path.of(Program.required("keelson." + tool)));
    }

    private static String name(JsonNode spec) {
        var name = new StringBuilder();
        spec.at("/ContainerHierarchyTexts")
                .forEach(text -> name.append(text.stringValue()).append(' '));
        return name.append(spec.at("/LeafNodeText").stringValue()).toString();
    }

    private static SortedSet<String> notPassing() throws IOException {
        try (var table = CritestIT.class.getResourceAsStream("/critest-not-passing.tsv")) {
            var expected = new TreeSet<String>();
            new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split("\t", 3))
                    .forEach(fields -> expected.add(fields[0] + " " + fields[1]));
            return expected;
        }
    }
}
