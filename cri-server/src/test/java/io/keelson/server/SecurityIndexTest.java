package io.keelson.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That docs/security-tests.md and docs/fault-tests.md tell the truth: what they call tested has a test with the row's tag in each class they name. */
class SecurityIndexTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CLASS = Pattern.compile("`(\\w+(?:Test|IT|Contract))`");
    private static final Pattern ROW =
            Pattern.compile("\\| (T\\d\\d|[KPDC]\\d|exits|reboot|sessions|stuck|retry|load|soak) \\|");

    private static final Pattern MATRIX_ROW = Pattern.compile("\\| [ML]\\d\\d");

    private static List<Row> rows;
    private static Map<String, String> tests;

    /** @param tests classes that test it; none for a row that only says why it is not tested */
    private record Row(String name, List<String> tests, String remark) {
        static Row parse(String line) {
            var cells = line.split("(?<!\\\\)\\|", -1);
            assertThat(cells).as("cells of %s", line).hasSize(6);
            var tests = CLASS.matcher(cells[3])
                    .results()
                    .map((MatchResult match) -> match.group(1))
                    .toList();
            return new Row(cells[1].strip(), tests, cells[4].strip());
        }
    }

    @BeforeAll
    static void read() throws IOException {
        rows = Stream.of("docs/security-tests.md", "docs/fault-tests.md")
                .flatMap(SecurityIndexTest::lines)
                .filter(line -> ROW.matcher(line).lookingAt())
                .map(Row::parse)
                .toList();
        tests = sources();
    }

    private static Stream<String> lines(String document) {
        try {
            return Files.readAllLines(REPOSITORY.resolve(document)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of every test class by its name. */
    private static Map<String, String> sources() throws IOException {
        var found = new HashMap<String, String>();
        for (var module : List.of("proto", "oci-exec", "image-service", "pod-sandbox", "cri-server", "e2e")) {
            try (var walk = Files.walk(REPOSITORY.resolve(module).resolve("src/test/java"))) {
                for (var file :
                        walk.filter(each -> each.toString().endsWith(".java")).toList()) {
                    var name = file.getFileName().toString().replace(".java", "");
                    found.merge(name, Files.readString(file), String::concat);
                }
            }
        }
        return found;
    }

    @Test
    void everyTestThatIsNamedIsTaggedWithItsRow() {
        assertThat(rows).hasSizeGreaterThan(25);
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.tests())
                        .allSatisfy(test -> assertThat(tests.getOrDefault(test, ""))
                                .as("%s of %s", test, row.name())
                                .contains("@Tag(\"" + row.name() + "\")")));
    }

    /** The fault matrix has no tags of single rows: its tests say themselves that no row is missing. */
    @Test
    void everyRowOfTheFaultMatrixNamesTestsThatThereAre() throws IOException {
        var lines = Files.readAllLines(REPOSITORY.resolve("docs/security-tests.md")).stream()
                .filter(line -> MATRIX_ROW.matcher(line).lookingAt())
                .toList();
        assertThat(lines).hasSizeGreaterThan(20);
        assertThat(lines).allSatisfy(line -> {
            var named =
                    CLASS.matcher(line).results().map(match -> match.group(1)).toList();
            assertThat(named).isNotEmpty();
            assertThat(tests.keySet()).containsAll(named);
        });
    }

    /** Of a tested row, what was switched off to see it red; of another, why there is no test. */
    @Test
    void everyRowHasItsRemark() {
        assertThat(rows).allSatisfy(row -> assertThat(row.remark()).isNotEmpty());
        assertThat(rows.stream().map(Row::name)).doesNotHaveDuplicates();
    }
}
