package io.keelson.e2e.bench;

import io.keelson.e2e.critest.Critest;
import io.keelson.e2e.critest.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The five benchmarks of critest against a subject: how long each of their calls took, as critest says. Four of them write a file,
 * the fifth ("a container from scratch") measures once, and says so in the report.
 */
final class CritestBenchmarks {
    private static final int BENCHMARKS = 5;
    private static final JsonMapper JSON = JsonMapper.shared();
    /** The pods' timeout is the containers'; one image at a time, since what is pulled is removed again. */
    private static final String PARAMETERS = """
            containersNumber: 4
            containersNumberParallel: 2
            podsNumber: 4
            podsNumberParallel: 2
            imagesNumber: 3
            imagesNumberParallel: 1
            imageBenchmarkTimeoutSeconds: 60
            """;

    private static final Map<String, Map<String, Metric>> FILES = Map.of(
            "container_benchmark_data.json",
            Map.of(
                    "CreateContainer", Metric.CRITEST_CREATE,
                    "StartContainer", Metric.CRITEST_START,
                    "StatusContainer", Metric.CRITEST_STATUS,
                    "StopContainer", Metric.CRITEST_STOP,
                    "RemoveContainer", Metric.CRITEST_REMOVE),
            "pod_benchmark_data.json",
            Map.of(
                    "CreatePod", Metric.CRITEST_POD_START,
                    "StatusPod", Metric.CRITEST_POD_STATUS,
                    "StopPod", Metric.CRITEST_POD_STOP,
                    "RemovePod", Metric.CRITEST_POD_REMOVE),
            "image_lifecycle_benchmark_data.json",
            Map.of(
                    "PullImage", Metric.CRITEST_PULL,
                    "StatusImage", Metric.CRITEST_IMAGE_STATUS,
                    "RemoveImage", Metric.CRITEST_IMAGE_REMOVE),
            "image_listing_benchmark_data.json",
            Map.of("ListImages", Metric.CRITEST_LIST_IMAGES));

    private final Subject subject;
    private final Path directory;

    /** @param directory an empty one */
    CritestBenchmarks(Subject subject, Path directory) {
        this.subject = subject;
        this.directory = directory;
    }

    /** One round of all five; fails unless each gave its figures. */
    void run() throws IOException, InterruptedException {
        var parameters = Files.writeString(directory.resolve("parameters.yaml"), PARAMETERS);
        var data = Files.createDirectory(directory.resolve("data"));
        var specs = new Critest(directory, subject.socket())
                .run(
                        1,
                        List.of(
                                "--benchmark",
                                "--benchmarking-params-file=" + parameters,
                                "--benchmarking-output-dir=" + data));
        requireAll(specs);
        for (var file : FILES.entrySet()) {
            read(data.resolve(file.getKey()), file.getValue());
        }
        specs.stream()
                .flatMap(Spec::durations)
                .forEach(nanos -> subject.samples().add(Metric.SCRATCH, Samples.millis(nanos)));
    }

    private void requireAll(List<Spec> specs) {
        var failed = specs.stream()
                .filter(spec -> spec.name().contains("benchmark about"))
                .filter(spec -> !spec.isPassed())
                .map(spec -> spec.name() + ": " + spec.why())
                .toList();
        var passed = specs.stream().filter(Spec::isPassed).count();
        if (!failed.isEmpty() || passed != BENCHMARKS) {
            throw new IllegalStateException("%s: %d of critest's benchmarks ended well of %d; did not: %s"
                    .formatted(subject.name(), passed, BENCHMARKS, failed));
        }
    }

    private void read(Path file, Map<String, Metric> metrics) {
        var results = JSON.readTree(file);
        var names = results.at("/operationsNames");
        for (var point : results.at("/datapoints")) {
            for (var index = 0; index < names.size(); index++) {
                var metric = metrics.get(names.get(index).stringValue());
                if (metric == null) {
                    throw new IllegalStateException("critest measures what is not known: " + names.get(index));
                }
                var nanos = point.at("/operationsDurationsNs").get(index).longValue();
                subject.samples().add(metric, Samples.millis(nanos));
            }
        }
    }
}
