package io.keelson.e2e.bench;

import io.keelson.e2e.node.Containerd;
import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Keelson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the command line says. */
final class Options {
    private static final String CONTAINERD = "containerd";

    @Option(
            names = "--endpoint",
            paramLabel = "unix://SOCKET",
            description = "measure the runtime that serves this socket, which has a network and can pull --image;"
                    + " without it a Keelson, on roots and a network of its own, is started and measured")
    @Nullable
    String endpoint;

    @Option(
            names = "--image",
            paramLabel = "REFERENCE",
            description = "with --endpoint: an image with sleep and true (default: ${DEFAULT-VALUE})",
            defaultValue = "registry.k8s.io/e2e-test-images/busybox:1.29-2")
    String image = "";

    @Option(
            names = "--peer",
            paramLabel = "NAME",
            split = ",",
            description = "drive these in the same run, sample by sample in turn, and print ratios: containerd, or the"
                    + " program directory of another build of Keelson, which is called \"before\"")
    List<String> peerNames = List.of();

    @Option(
            names = "--handler",
            paramLabel = "RUNTIME",
            description = "crun or runc, for all that are measured (default: crun; with --peer=containerd runc, since"
                    + " containerd 2.3 writes a config.json that crun 1.8.1 refuses)")
    @Nullable
    String handler;

    @Option(names = "--samples", paramLabel = "N", description = "pod cycles (default: ${DEFAULT-VALUE})")
    int samples = 20;

    @Option(
            names = "--pods",
            paramLabel = "N",
            description = "pods of the burst and of restarts, 1000 at most (default: ${DEFAULT-VALUE})")
    int pods = 110;

    @Option(names = "--pulls", paramLabel = "N", description = "pulls and removals (default: ${DEFAULT-VALUE})")
    int pulls = 3;

    @Option(
            names = "--image-mib",
            paramLabel = "MIB",
            description = "unpacked size of the image that is pulled (default: ${DEFAULT-VALUE})")
    int imageMebibytes = 200;

    @Option(
            names = "--shape",
            paramLabel = "SHAPE",
            split = ",",
            description = "only images of these shapes: reference, single, many, tiny, zeros, zstd (default: all)")
    List<String> shapeNames = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "rounds of critest's five benchmarks (default: ${DEFAULT-VALUE})")
    int rounds = 7;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description =
                    "only these parts: cycle, crowd, restart, pull, critest, truth (default: all but truth, which compares figures of known loads)")
    List<String> only = List.of();

    @Option(names = "--restarts", paramLabel = "N", description = "restarts with all pods (default: ${DEFAULT-VALUE})")
    int restarts = 5;

    @Option(
            names = "--quick",
            description = "the same as --samples=3 --pods=8 --restarts=1 --pulls=1 --image-mib=16 --rounds=1")
    boolean isQuick;

    @Option(names = "--json", paramLabel = "FILE", description = "write the figures there as well")
    @Nullable
    Path json;

    /** The parts of a run. */
    enum Part {
        CYCLE,
        CROWD,
        RESTART,
        PULL,
        CRITEST,
        /** What is said of known loads: no figure of speed. */
        TRUTH
    }

    /**
     * What to do.
     *
     * @throws IllegalArgumentException for what makes no sense; the message is one line
     */
    Set<Part> parts() {
        if (isQuick) {
            samples = 3;
            pods = 8;
            restarts = 1;
            pulls = 1;
            imageMebibytes = 16;
            rounds = 1;
        }
        requirePositive("--samples", samples);
        requirePositive("--pods", pods);
        requirePositive("--restarts", restarts);
        requirePositive("--pulls", pulls);
        requirePositive("--image-mib", imageMebibytes);
        requirePositive("--rounds", rounds);
        peers();
        shapes();
        runtime();
        if (endpoint != null && !peerNames.isEmpty()) {
            throw new IllegalArgumentException("--peer cannot be given with --endpoint: the two would not be alike");
        }
        var parts = EnumSet.noneOf(Part.class);
        for (var name : only) {
            parts.add(part(name));
        }
        if (parts.isEmpty()) {
            parts.addAll(EnumSet.complementOf(EnumSet.of(Part.TRUTH)));
        }
        if (endpoint != null) {
            // There are no images of ours where it pulls from, and it is not ours to end.
            parts.removeAll(EnumSet.of(Part.RESTART, Part.PULL, Part.CRITEST, Part.TRUTH));
        }
        return parts;
    }

    /** Of the images that are pulled. */
    Set<PullShape> shapes() {
        if (shapeNames.isEmpty()) {
            return EnumSet.allOf(PullShape.class);
        }
        var shapes = EnumSet.noneOf(PullShape.class);
        for (var name : shapeNames) {
            shapes.add(Arrays.stream(PullShape.values())
                    .filter(shape -> shape.id().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--shape=" + name + ": shapes are reference, single, many, tiny, zeros and zstd")));
        }
        return shapes;
    }

    /** The OCI runtime of all. */
    String runtime() {
        var name = handler == null ? peerNames.contains(CONTAINERD) ? "runc" : "crun" : handler;
        if (!name.equals("crun") && !name.equals("runc")) {
            throw new IllegalArgumentException("--handler=" + name + ": is crun or runc");
        }
        return name;
    }

    /** What is measured beside Keelson, in the order in which it is named. */
    List<CriDaemon> peers() {
        return peerNames.stream().map(Options::peer).toList();
    }

    private static CriDaemon peer(String name) {
        return switch (name) {
            case CONTAINERD -> new Containerd();
            default -> before(name);
        };
    }

    private static CriDaemon before(String home) {
        if (!Files.isExecutable(Path.of(home, "bin/keelson"))) {
            throw new IllegalArgumentException(
                    "--peer=" + home + ": is neither containerd nor a directory with a bin/keelson");
        }
        return Keelson.other("before", Path.of(home).toAbsolutePath());
    }

    private static Part part(String name) {
        for (var part : Part.values()) {
            if (part.name().equalsIgnoreCase(name)) {
                return part;
            }
        }
        throw new IllegalArgumentException(
                "--only=" + name + ": parts are cycle, crowd, restart, pull, critest and truth");
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + "=" + value + ": has to be at least 1");
        }
    }

    Optional<Path> socket() {
        return Optional.ofNullable(endpoint).map(text -> Path.of(text.replaceFirst("^unix://", "")));
    }
}
