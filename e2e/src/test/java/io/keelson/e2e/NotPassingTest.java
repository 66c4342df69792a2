package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NotPassingTest {
    private final NotPassing table = new NotPassing(List.of(
            "# 3 validation specs",
            "outcome\tspec\twhy\tonly with",
            "skipped\ta\tnobody can",
            "failed\tb\tcrun cannot\tcrun",
            "failed\tc\tthis crun cannot\tcrun 1.8.1"));

    @Test
    void aRowIsForEveryRuntimeUnlessItNamesOne() {
        assertThat(table.with("runc", "1.4.0")).containsExactly("skipped a");
        assertThat(table.with("crun", "1.21")).containsExactly("failed b", "skipped a");
        assertThat(table.with("crun", "1.8.1")).containsExactly("failed b", "failed c", "skipped a");
    }

    @Test
    void theTableSaysHowManySpecsThereAre() {
        assertThat(table.validationSpecs()).isEqualTo(3);
    }

    @Test
    void everyRowOfTheRealTableHasItsReason() {
        assertThat(NotPassing.read().lines())
                .filteredOn(line -> !line.startsWith("#"))
                .allSatisfy(line ->
                        assertThat(line.split("\t", -1)).hasSizeBetween(3, 4).noneMatch(String::isBlank));
    }
}
