package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.keelson.e2e.images.Compression;
import io.keelson.e2e.images.Family;
import io.keelson.e2e.images.HostileBlobs;
import io.keelson.e2e.images.HostileLayers;
import io.keelson.e2e.images.HostileManifests;
import io.keelson.e2e.images.Layer;
import io.keelson.e2e.images.LayerTar;
import io.keelson.e2e.images.MemoryRegistry;
import io.keelson.e2e.images.Outcome;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fault matrix of manifests (M01 to M21) and layers (L01 to L54): more than two hundred images that were made to harm, each with
 * the outcome that stands beside it, by a registry that checks nothing. All of them alone, and all of them while ten good images are
 * pulled; afterwards the host is as it was.
 */
@Tag("T40")
@Tag("T42")
@Tag("T43")
@Tag("T44")
@Tag("T45")
@Tag("T46")
@Tag("T47")
@Tag("T48")
@Tag("T71")
@Tag("T72")
@Tag("M01-M21")
@Tag("L01-L54")
class HostileImagesIT {
    private static final int PULLS_AT_ONCE = 6;
    private static final int GOOD_PULLS = 10;
    private static final List<byte[]> NAMES =
            List.of("\u00e4\u03b2".getBytes(StandardCharsets.UTF_8), new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});

    @TempDir
    static Path directory;

    private static Path victim;
    private static Node node;
    private static Node unpacking;
    private static MemoryRegistry registry;
    private static final AtomicInteger numbers = new AtomicInteger();

    /**
     * One image.
     *
     * @param put puts it into the registry, in a repository, and answers the name to pull it by
     */
    private record Case(String row, String what, Outcome outcome, String word, Function<String, String> put) {}

    @BeforeAll
    static void start() throws Exception {
        victim = Files.createDirectories(directory.resolve("victim"));
        Files.writeString(victim.resolve("shadow"), "secret:x:0:0::/:/bin/sh\n");
        registry = new MemoryRegistry();
        node = start("node", "auto");
        unpacking = start("unpacking", "directory");
    }

    private static Node start(String name, String layerStore) throws Exception {
        return Node.start(
                Files.createDirectories(directory.resolve(name)),
                TestRegistry.daemon(),
                // The keys of [images], which is the table before these.
                Setup.bare().storing(layerStore).configured("""
                        max_layer_mebibytes = %d
                        max_layer_entries = %d
                        """.formatted(
                                HostileLayers.MAX_MEBIBYTES, HostileLayers.MAX_NAMES)));
    }

    @AfterAll
    static void end() {
        node.close();
        unpacking.close();
        registry.close();
    }

    private static List<Case> cases() {
        return Stream.of(manifests(), layers(Compression.values()), blobs())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Case> manifests() {
        return Stream.of(Family.values())
                .flatMap(family -> new HostileManifests(family)
                        .all().stream()
                                .map(each -> new Case(
                                        each.row(),
                                        each.what() + ", " + family,
                                        each.outcome(),
                                        each.word(),
                                        repository -> each.put().apply(registry, repository))))
                .toList();
    }

    /** Each in every one of these compressions, by turns with names in UTF-8 and with names that are none. */
    private static List<Case> layers(Compression... compressions) {
        var cases = new ArrayList<Case>();
        for (var each : new HostileLayers(victim).all()) {
            for (var compression : compressions) {
                var name = NAMES.get(cases.size() % NAMES.size());
                cases.add(new Case(
                        each.row(),
                        each.what() + ", " + compression,
                        each.outcome(),
                        each.word(),
                        repository -> registry.put(repository, each.layers(name, repository, compression))));
            }
        }
        return cases;
    }

    private static List<Case> blobs() {
        return HostileBlobs.all().stream()
                .map(each -> new Case(
                        each.row(),
                        each.what(),
                        each.outcome(),
                        each.word(),
                        repository -> registry.put(repository, List.of(each.layer()))))
                .toList();
    }

    @Test
    void everyRowOfTheMatrixHasACase() {
        var expected = new TreeSet<String>();
        IntStream.rangeClosed(1, 21).forEach(number -> expected.add("M%02d".formatted(number)));
        IntStream.rangeClosed(1, 54).forEach(number -> expected.add("L%02d".formatted(number)));

        assertThat(cases().stream().map(Case::row)).containsAll(expected);
        assertThat(cases()).hasSizeGreaterThan(200);
    }

    @Test
    void hostileImagesAreRefusedOrHarmless() throws Exception {
        var state = HostState.of(node, victim);
        try (var answering = new Answering(node)) {
            assertThat(pullAll(node, cases())).isEmpty();
            answering.assertPrompt();
        }
        state.assertUnchanged();
    }

    /** Where layers are unpacked, a name that leads away would lead away. How they were packed was seen to above. */
    @Test
    void hostileLayersAreNoMoreHarmfulAsDirectories() throws Exception {
        var unpacked =
                layers(Compression.NONE).stream().map(HostileImagesIT::unpacked).toList();
        var state = HostState.of(unpacking, victim);
        assertThat(pullAll(unpacking, unpacked)).isEmpty();
        state.assertUnchanged();
    }

    /** However long a hole is, it costs a tree nothing; as EROFS it belongs to a chunk that is too large here. */
    private static Case unpacked(Case hostile) {
        return hostile.what().startsWith("a hole of a tebibyte")
                ? new Case(hostile.row(), hostile.what(), Outcome.HARMLESS, "", hostile.put())
                : hostile;
    }

    @Test
    void hostileImagesHoldUpNoGoodOnes() throws Exception {
        var state = HostState.of(node, victim);
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var good = new ArrayList<Future<Integer>>();
            for (var i = 0; i < GOOD_PULLS; i++) {
                var reference = good(i);
                good.add(threads.submit(() -> pullAndRemoveUntil(done, reference)));
            }
            List<String> wrong;
            try {
                wrong = pullAll(node, cases());
            } finally {
                done.set(true);
            }
            for (var each : good) {
                assertThat(each.get()).isPositive();
            }
            assertThat(wrong).isEmpty();
        }
        state.assertUnchanged();
    }

    private static String good(int number) {
        var noise = new byte[1 << 20];
        new Random(number).nextBytes(noise);
        var tar = new LayerTar().file("noise", 0644, noise);
        return registry.put("good/image" + number, List.of(Layer.of(tar)));
    }

    /** How often it was pulled. */
    private static int pullAndRemoveUntil(AtomicBoolean done, String reference) {
        var pulls = 0;
        do {
            Requests.pull(node.cri(), reference);
            Requests.removeImage(node.cri(), reference);
            pulls++;
        } while (!done.get());
        return pulls;
    }

    /** Pulls all, several at once, and removes those that could be pulled; what went otherwise than it should. */
    private static List<String> pullAll(Node by, List<Case> cases) throws Exception {
        try (var threads = Executors.newFixedThreadPool(PULLS_AT_ONCE)) {
            var outcomes = new ArrayList<Future<String>>();
            for (var each : cases) {
                outcomes.add(threads.submit((Callable<String>) () -> pull(by, each)));
            }
            var wrong = new ArrayList<String>();
            for (var outcome : outcomes) {
                if (!outcome.get().isEmpty()) {
                    wrong.add(outcome.get());
                }
            }
            return wrong;
        }
    }

    /** Empty if it went as it should. */
    private static String pull(Node by, Case hostile) {
        var repository = "hostile/image" + numbers.incrementAndGet();
        var reference = hostile.put().apply(repository);
        try {
            Requests.pull(by.cri(), reference);
            Requests.removeImage(by.cri(), reference);
            return hostile.outcome() == Outcome.HARMLESS ? "" : hostile.row() + " " + hostile.what() + ": was pulled";
        } catch (StatusRuntimeException e) {
            var message = String.valueOf(e.getStatus().getDescription());
            var right = codes(hostile.outcome()).contains(e.getStatus().getCode())
                    && message.contains(hostile.word())
                    && message.contains(repository);
            return right ? "" : hostile.row() + " " + hostile.what() + ": " + e.getStatus() + inLog(by, e.getStatus());
        } finally {
            registry.forget(repository);
        }
    }

    /** What the daemon says of an internal error. */
    private static String inLog(Node by, Status status) {
        try {
            return status.getCode() == Code.INTERNAL
                    ? by.log()
                            .lines()
                            .filter(line -> line.contains("internal-error"))
                            .toList()
                            .toString()
                    : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Set<Code> codes(Outcome outcome) {
        return switch (outcome) {
            case HARMLESS -> Set.of();
            case INVALID -> Set.of(Code.INVALID_ARGUMENT);
            case EXHAUSTED -> Set.of(Code.RESOURCE_EXHAUSTED);
            case UNAVAILABLE -> Set.of(Code.UNKNOWN);
        };
    }
}
