package io.keelson.e2e.bench;

import io.keelson.e2e.images.Compression;
import io.keelson.e2e.images.Image;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.Registry;
import io.keelson.e2e.images.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Pulls and removals of images of some shapes, of all that are measured in turn. */
final class Pulls {
    private static final String REPOSITORY = "keelson/bench-";
    private static final String SHARED = "shared";
    /** Layers that the second image has not in common with the reference image. */
    private static final int OWN_LAYERS = 2;

    private final String prefix;
    private final Set<PullShape> shapes;
    private final PullStages stages;

    /** @param prefix of the name by which the runtimes know the registry, with a slash at its end */
    Pulls(String prefix, Set<PullShape> shapes, Path directory) {
        this.prefix = prefix;
        this.shapes = shapes;
        this.stages = new PullStages(directory);
    }

    /** Makes the images and pushes them. */
    void push(Registry registry, long bytes, Progress progress, BooleanSupplier isCancelled)
            throws IOException, InterruptedException {
        for (var shape : shapes) {
            if (isCancelled.getAsBoolean()) {
                return;
            }
            progress.now("making the image " + shape.id());
            var layers = shape.layers(bytes);
            push(registry, shape.id(), layers);
            if (shape == PullShape.REFERENCE) {
                stages.of(layers);
                push(registry, SHARED, shared(layers, bytes));
            }
        }
    }

    private static List<Layer> shared(List<Layer> reference, long bytes) throws IOException {
        var layers = new ArrayList<>(reference.subList(0, reference.size() - OWN_LAYERS));
        layers.addAll(PullShape.ofFiles("own-", OWN_LAYERS, bytes * OWN_LAYERS / reference.size(), Compression.GZIP));
        return layers;
    }

    private static void push(Registry registry, String name, List<Layer> layers)
            throws IOException, InterruptedException {
        registry.pushPlain(REPOSITORY + name, List.of("latest"), Image.of(layers, "true"), TestImages.architecture());
    }

    void run(List<Subject> subjects, int count, Progress progress) throws Exception {
        for (var shape : shapes) {
            for (var pull = 1; pull <= count; pull++) {
                for (var subject : subjects) {
                    progress.now("%s: pull %d of %d of %s".formatted(subject.name(), pull, count, shape.id()));
                    run(subject, shape);
                }
            }
        }
    }

    private void run(Subject subject, PullShape shape) throws Exception {
        var calls = new Calls(subject.cri());
        var image = image(shape.id());
        pull(subject, calls, shape.pull, image);
        if (shape == PullShape.REFERENCE) {
            stages.add(subject, calls.imageInfo(image));
            pull(subject, calls, Metric.PULL_AGAIN, image);
            pull(subject, calls, Metric.PULL_SHARED, image(SHARED));
            calls.removeImage(image(SHARED));
        }
        subject.samples().time(shape.removal, () -> {
            calls.removeImage(image);
            return "";
        });
    }

    private static void pull(Subject subject, Calls calls, Metric metric, String image) throws Exception {
        subject.samples().time(metric, () -> {
            calls.pull(image);
            return "";
        });
    }

    private String image(String name) {
        return prefix + REPOSITORY + name + ":latest";
    }

    /** Where the pulls of the reference image spend their time, beside what each stage can do alone; empty if none was pulled. */
    String stages() throws IOException, InterruptedException {
        return stages.report();
    }
}
