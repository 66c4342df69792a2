package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a daemon tells Prometheus, against those who read it: the linter behind {@code promtool}, our dashboard, alerts and manual. */
record MetricsText(String metrics) {
    private static final Pattern NAME = Pattern.compile("\\bkeelson_[a-z_]+");

    /** There with a collector of traces alone. */
    private static final Set<String> NOT_EVERYWHERE = Set.of("keelson_trace_spans_total");

    /** @param response as it came by HTTP */
    static MetricsText of(String response) {
        return new MetricsText(response.substring(response.indexOf("\r\n\r\n") + 4));
    }

    void assertPlain() throws IOException, InterruptedException {
        var linter = run(List.of(Path.of("tools", "build").toString(), "promlint"), "");
        run(List.of(linter.strip()), metrics);
        var known = names(metrics);
        for (var file :
                List.of("deploy/grafana/keelson.json", "deploy/prometheus/keelson.rules.yml", "docs/metrics.md")) {
            var asked = names(Files.readString(Path.of("..").resolve(file)));
            assertThat(asked).as(file).isNotEmpty();
            assertThat(asked)
                    .as(file)
                    .allMatch(name ->
                            known.contains(name) || known.contains(name + "_count") || NOT_EVERYWHERE.contains(name));
        }
        assertThat(names(Files.readString(Path.of("..", "docs", "metrics.md"))))
                .as("what the manual explains")
                .containsAll(names(metrics.lines()
                        .filter(line -> line.startsWith("# TYPE ") && !line.contains("_max "))
                        .collect(Collectors.joining("\n"))));
    }

    private static String run(List<String> line, String input) throws IOException, InterruptedException {
        var said = Files.createTempFile("said", ".txt");
        var asked = Files.createTempFile("asked", ".txt");
        try {
            Files.writeString(asked, input);
            var status = new ProcessBuilder(line)
                    .redirectInput(asked.toFile())
                    .redirectOutput(said.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()
                    .waitFor();
            var text = Files.readString(said, StandardCharsets.UTF_8);
            assertThat(status).as("%s says: %s", line, text).isZero();
            return text;
        } finally {
            Files.delete(said);
            Files.delete(asked);
        }
    }

    private static Set<String> names(String text) {
        return NAME.matcher(text)
                .results()
                .map(result -> result.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
