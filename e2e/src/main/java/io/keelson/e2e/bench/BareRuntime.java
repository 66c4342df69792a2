package io.keelson.e2e.bench;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the OCI runtime needs by itself for a container as a runtime made it: the same config.json, the same root file system. */
final class BareRuntime {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String program;
    private final Path directory;

    /** @param directory for its bundles */
    BareRuntime(String program, Path directory) {
        this.program = program;
        this.directory = directory;
    }

    /** Does nothing where the runtime does not show the config.json. */
    void measure(Map<String, String> info, Samples samples) throws Exception {
        var text = info.get("info");
        if (text == null || !(JSON.readTree(text).at("/runtimeSpec") instanceof ObjectNode spec)) {
            return;
        }
        var id = "bare-" + UUID.randomUUID();
        spec.withObject("/linux")
                .put("cgroupsPath", spec.at("/linux/cgroupsPath").stringValue() + "-" + id);
        var bundle = Files.createDirectories(directory.resolve(id));
        Files.writeString(bundle.resolve("config.json"), spec.toString());
        try {
            samples.time(Metric.BARE_CREATE_START, () -> {
                runtime(List.of("create", "--bundle=" + bundle, id));
                return runtime(List.of("start", id));
            });
            samples.time(Metric.BARE_EXEC, () -> runtime(List.of("exec", id, "true")));
        } finally {
            runtime(List.of("delete", "--force", id));
            Files.delete(bundle.resolve("config.json"));
            Files.delete(bundle);
        }
    }

    /** Its output goes nowhere: what it starts keeps it. */
    private int runtime(List<String> arguments) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of(program, "--root=" + directory.resolve("state")));
        line.addAll(arguments);
        var process = new ProcessBuilder(line)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(directory.resolve("said.log").toFile())
                .start();
        var code = process.waitFor();
        if (code != 0) {
            throw new IOException(
                    new Program.Said(line, code, "", Files.readString(directory.resolve("said.log"))).toString());
        }
        return code;
    }
}
