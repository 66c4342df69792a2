package io.keelson.e2e.critest;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * critest, run against whatever serves a CRI socket. {@code keelson.critest} says where it is, and {@code keelson.ginkgo} where
 * the program is that it starts several workers with.
 */
public final class Critest {
    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String MACHINE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path directory;
    private final Path socket;
    private final String program;

    /** @param directory an empty one, for what a run needs */
    public Critest(Path directory, Path socket) {
        this(directory, socket, Program.required("keelson.critest"));
    }

    /** With another build of it. */
    public Critest(Path directory, Path socket, String program) {
        this.directory = directory;
        this.socket = socket;
        this.program = program;
    }

    /** Runs it once; what became of each of its specs, also if some failed. */
    public List<Spec> run(int workers, List<String> options) throws IOException, InterruptedException {
        var report = directory.resolve("critest.json");
        var said = Program.run(directory, LIMIT, command(workers, report, options));
        if (!Files.exists(report)) {
            throw new IOException("critest ended without a report: " + said);
        }
        return JSON.readTree(report)
                .at("/0/SpecReports")
                .valueStream()
                .filter(spec -> spec.at("/LeafNodeType").stringValue().equals("It"))
                .map(Spec::new)
                .toList();
    }

    private List<String> command(int workers, Path report, List<String> options) throws IOException {
        var programs = Files.createDirectory(directory.resolve("programs"));
        Files.createSymbolicLink(programs.resolve("critest"), Path.of(program));
        var endpoint = "unix://" + socket;
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "PATH=" + programs + ":" + MACHINE_PATH,
                "critest",
                "--config=" + Files.createFile(directory.resolve("critest.yaml")),
                "--runtime-endpoint=" + endpoint,
                "--image-endpoint=" + endpoint,
                "--ginkgo.no-color",
                "--ginkgo.json-report=" + report));
        if (workers > 1) {
            // One worker is what critest has by itself; asked for one, it ends with an error and no report.
            Files.createSymbolicLink(programs.resolve("ginkgo"), Path.of(Program.required("keelson.ginkgo")));
            command.add("--parallel=" + workers);
        }
        command.addAll(options);
        return command;
    }
}
