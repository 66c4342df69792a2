package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.e2e.critest.Critest;
import io.keelson.e2e.critest.Spec;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.ListPodSandboxRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole of critest, with exact counts: each of its specs passes, unless it is named, with the reason, in
 * {@code critest-not-passing.tsv}. A spec that begins to pass must leave that file. README says what the file says: see
 * {@code e2e/conformance}.
 */
class CritestIT {
    private static final int BENCHMARKS = 5;
    private static final int STREAMING_SPECS = 5;
    private static final String DIGEST_SPEC = "public image with digest";
    private static final Pattern CRUN_VERSION = Pattern.compile("crun version (\\S+)");

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
    @CsvFileSource(resources = "/critest-rounds.tsv", delimiter = '\t', numLinesToSkip = 1)
    void everySpecThatIsNotNamedPasses(String handler, int workers, int seed, String when) throws Exception {
        assumeTrue(
                when.equals("always") || Boolean.getBoolean("keelson.critest.all"),
                () -> "only with -Dkeelson.critest.all=true, as in e2e/check: %s, workers %d, seed %d"
                        .formatted(handler, workers, seed));
        start(handler);
        var table = NotPassing.read();
        var begin = System.nanoTime();

        var specs = critest()
                .run(
                        workers,
                        List.of("--ginkgo.skip=" + DIGEST_SPEC, "--ginkgo.randomize-all", "--ginkgo.seed=" + seed));

        new CritestResult(handler, workers, seed, Duration.ofNanos(System.nanoTime() - begin), specs)
                .write(Path.of("target", "critest"));
        var others = new TreeSet<String>();
        specs.stream().filter(spec -> !spec.isPassed()).forEach(spec -> others.add(spec.state() + " " + spec.name()));
        var expected = table.with(handler, version(handler));
        assertThat(others).containsExactlyElementsOf(expected);
        assertThat(specs.stream().filter(Spec::isPassed).count())
                .isEqualTo(table.validationSpecs() + BENCHMARKS - expected.size());
        assertThat(node.cri()
                        .runtime(Duration.ofSeconds(10))
                        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"crun", "runc"})
    void theSpecsOfStreamingPassOverWebSocketsToo(String handler) throws Exception {
        start(handler);

        var specs = critest()
                .run(
                        2,
                        List.of(
                                "--websocket-exec",
                                "--websocket-attach",
                                "--websocket-portforward",
                                "--ginkgo.focus=Streaming"));

        assertAllPass(STREAMING_SPECS, specs);
    }

    private void start(String handler) throws Exception {
        node = Node.start(
                directory,
                TestRegistry.daemon(),
                Setup.with(TestRegistry.server()).by(handler));
    }

    private Critest critest() throws Exception {
        return new Critest(
                Files.createDirectory(directory.resolve("critest")),
                node.place().socket());
    }

    /** With a focus, all that is not meant is skipped. */
    private static void assertAllPass(int count, List<Spec> specs) {
        assertThat(specs)
                .filteredOn(spec -> !spec.state().equals("skipped"))
                .hasSize(count)
                .allSatisfy(spec -> assertThat(spec.isPassed())
                        .as(spec.name() + ": " + spec.why())
                        .isTrue());
    }

    /** Empty where the table does not tell versions apart: there is one runc, which e2e/tools builds. */
    private String version(String handler) throws Exception {
        if (!handler.equals("crun")) {
            return "";
        }
        var said = CRUN_VERSION.matcher(
                Program.run(directory, List.of("crun", "--version")).expectSuccess());
        return said.find() ? said.group(1) : "";
    }
}
