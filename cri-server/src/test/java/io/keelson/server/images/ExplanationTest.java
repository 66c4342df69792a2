package io.keelson.server.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown of pulls, by their records. */
class ExplanationTest {
    private static String explained(String record) {
        var out = new StringWriter();
        try (var writer = new PrintWriter(out)) {
            Explanation.print(Json.parseObject(record.getBytes(StandardCharsets.UTF_8)), writer);
        }
        return out.toString();
    }

    /** The cells of a row. */
    private static List<String> cells(String row) {
        return List.of(row.split(" {2,}"));
    }

    @Test
    void aLayerInPartsTellsPartsMirrorsAndWhatWasThere() {
        var lines =
                explained("""
                        {"reference":"registry.test/app:v1","begun":"2026-01-02T03:04:05Z","totalMicros":2600000,
                         "steps":[{"step":"resolve","micros":1500},{"step":"layers","micros":2500000}],
                         "layers":[
                          {"diffId":"sha256:%s","blob":"sha256:b","blobBytes":41943040,"origin":"fetched",
                           "endpoints":["one.test","two.test"],"resumes":1,"parts":3,"foundBytes":16777216,
                           "waitMicros":100000,"firstByteMicros":20000,"networkMicros":2000000,"inflateMicros":300000,
                           "hashMicros":200000,"writeMicros":100000,"fsyncMicros":0,"totalMicros":2400000},
                          {"diffId":"sha256:%s","blob":"sha256:c","blobBytes":100,"origin":"embedded","totalMicros":900}]}
                        """.formatted("a".repeat(64), "c".repeat(64))).lines().toList();

        assertThat(lines.getFirst()).isEqualTo("registry.test/app:v1, begun 2026-01-02T03:04:05Z, 2.60 s");
        assertThat(cells(lines.get(1)))
                .containsExactly(
                        "LAYER",
                        "SIZE",
                        "HOW",
                        "FROM",
                        "WAIT",
                        "FIRST BYTE",
                        "NETWORK",
                        "INFLATE",
                        "HASH",
                        "WRITE",
                        "FSYNC",
                        "TOTAL");
        assertThat(cells(lines.get(2)))
                .containsExactly(
                        "aaaaaaaaaaaa*",
                        "40.0 MiB",
                        "fetched in 3 parts, 16.0 MiB were here, resumed 1",
                        "one.test+two.test",
                        "100.0 ms",
                        "20.0 ms",
                        "2.00 s",
                        "300.0 ms",
                        "200.0 ms",
                        "100.0 ms",
                        "-",
                        "2.40 s");
        assertThat(lines.get(3)).startsWith("cccccccccccc").contains("100 B").contains("embedded");
        assertThat(lines.getLast())
                .isEqualTo("critical path: resolve 1.5 ms, layers 2.50 s (aaaaaaaaaaaa: wait 100.0 ms, then 2.40 s,"
                        + " most of it network 2.00 s)");
    }

    @Test
    void aPullThatRunsTellsHowFarItIsAndWhatIsComing() {
        var lines = explained("""
                        {"reference":"registry.test/app:v1","begun":"2026-01-02T03:04:05Z","totalMicros":900,"running":true,
                         "layers":[{"diffId":"sha256:%s","blob":"sha256:b","blobBytes":40,"receivedBytes":10,
                          "endpoints":["one.test"],"resumes":0,"parts":2,"runningParts":4,"foundBytes":0}]}
                        """.formatted("a".repeat(64))).lines().toList();

        assertThat(lines).hasSize(3);
        assertThat(lines.getFirst()).endsWith("running for 0.9 ms");
        assertThat(lines.getLast()).contains("running, 25 % in 2 parts and 4 coming  one.test");
    }
}
