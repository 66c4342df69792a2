package io.keelson.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names in the sources: some metrics are there only with a collector of traces, say, or after the first trouble. */
class MetricsManualTest {
    private static final Pattern NAME = Pattern.compile("\"(keelson(?:\\.[a-z]+)+)\"");

    /** Attributes of spans, and names of files, look the same. */
    private static final List<String> OTHERS = List.of("/tracing/", "/config/", "/rpc/");

    @Test
    void explainsEveryMetricThatTheDaemonCanHave() throws IOException {
        var manual = Files.readString(Path.of("..", "docs", "metrics.md"));

        assertThat(names())
                .hasSizeGreaterThan(25)
                .contains("keelson_trace_spans", "keelson_grpc_calls")
                .allSatisfy(name -> assertThat(manual).containsPattern("`" + name + "(_seconds|_bytes)?(_total)?`"));
    }

    private static List<String> names() throws IOException {
        try (var sources = Files.walk(Path.of("src/main/java/io/keelson/server"))) {
            return sources.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> OTHERS.stream().noneMatch(file.toString()::contains))
                    .flatMap(MetricsManualTest::namesIn)
                    .distinct()
                    .toList();
        }
    }

    private static Stream<String> namesIn(Path source) {
        try {
            return NAME.matcher(Files.readString(source))
                    .results()
                    .map(found -> found.group(1).replace('.', '_'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
