package io.keelson.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The specs that do not pass: the table {@code critest-not-passing.tsv}, which also says how many validation specs there are. Its
 * columns are the outcome, the spec, the reason, and, where that is not so with every runtime, the runtime: {@code crun}, or one
 * version of it, {@code crun 1.8.1}.
 */
record NotPassing(List<String> lines) {
    private static final Pattern SPECS = Pattern.compile("# (\\d+) validation specs.*");

    private record Row(String outcome, String spec, String runtime) {
        static Row of(String line) {
            var fields = line.split("\t", -1);
            return new Row(fields[0], fields[1], fields.length > 3 ? fields[3] : "");
        }

        boolean appliesTo(String handler, String version) {
            return runtime.isEmpty() || runtime.equals(handler) || runtime.equals(handler + " " + version);
        }
    }

    static NotPassing read() {
        try (var table = NotPassing.class.getResourceAsStream("/critest-not-passing.tsv")) {
            return new NotPassing(new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many specs there are that are no benchmarks. */
    int validationSpecs() {
        return lines.stream()
                .map(SPECS::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> Integer.parseInt(matcher.group(1)))
                .findFirst()
                .orElseThrow();
    }

    /** Outcome and spec of each that does not pass with a runtime. */
    SortedSet<String> with(String handler, String version) {
        return lines.stream()
                .filter(line -> !line.startsWith("#"))
                .skip(1)
                .map(Row::of)
                .filter(row -> row.appliesTo(handler, version))
                .map(row -> row.outcome + " " + row.spec)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
