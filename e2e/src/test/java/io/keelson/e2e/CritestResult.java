package io.keelson.e2e;

import io.keelson.e2e.critest.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** What critest said in one round, kept for people and for {@code e2e/check}, which prints it. */
record CritestResult(String handler, int workers, int seed, Duration took, List<Spec> specs) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Benchmarks, which no validation run takes, are not counted. */
    void write(Path directory) throws IOException {
        var validation = specs.stream()
                .filter(spec -> !spec.name().contains(" benchmark about "))
                .toList();
        var result = JSON.createObjectNode()
                .put("handler", handler)
                .put("workers", workers)
                .put("seed", seed)
                .put("seconds", took.toSeconds())
                .put("passed", validation.stream().filter(Spec::isPassed).count());
        var skipped = result.putObject("skipped");
        var failed = result.putObject("failed");
        validation.stream()
                .filter(spec -> !spec.isPassed())
                .forEach(spec -> (spec.state().equals("skipped") ? skipped : failed).put(spec.name(), spec.why()));
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("%s-%d-%d.json".formatted(handler, workers, seed)),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
    }
}
