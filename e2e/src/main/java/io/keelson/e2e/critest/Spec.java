package io.keelson.e2e.critest;

import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What became of one of critest's specs.
 *
 * @param report ginkgo's words about it ({@code types.SpecReport})
 */
public record Spec(JsonNode report) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** All its words, from the outermost container to its own. */
    public String name() {
        var name = new StringBuilder();
        report.at("/ContainerHierarchyTexts")
                .forEach(text -> name.append(text.stringValue()).append(' '));
        return name.append(report.at("/LeafNodeText").stringValue()).toString();
    }

    /** For example {@code passed}, {@code failed}, {@code skipped}. */
    public String state() {
        return report.at("/State").stringValue();
    }

    public boolean isPassed() {
        return state().equals("passed");
    }

    /** Why it failed or was skipped; empty if the spec does not say. */
    public String why() {
        return report.at("/Failure/Message").asString("");
    }

    /** What it measured with gmeasure, in nanoseconds. */
    public Stream<Long> durations() {
        return report.at("/ReportEntries")
                .valueStream()
                .map(entry -> JSON.readTree(entry.at("/Value/AsJSON").stringValue()))
                .flatMap(experiment -> experiment.at("/Measurements").valueStream())
                .flatMap(measurement -> measurement.at("/Durations").valueStream())
                .map(JsonNode::longValue);
    }
}
