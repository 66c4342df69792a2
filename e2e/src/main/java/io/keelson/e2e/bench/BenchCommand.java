package io.keelson.e2e.bench;

import io.keelson.e2e.bench.Options.Part;
import io.keelson.e2e.images.Materials;
import io.keelson.e2e.images.Registry;
import io.keelson.e2e.images.TestImages;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Keelson;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Program;
import io.keelson.e2e.node.RegistryServer;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code e2e/bench}: measures a runtime through its CRI socket, by itself or beside a peer. */
@Command(
        name = "e2e/bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures a CRI runtime through its socket: pods, containers, commands, lists, memory, pulls.")
public final class BenchCommand implements Callable<Integer> {
    private static final String MIRRORED = "registry.k8s.io/";

    @Mixin
    private final Options options = new Options();

    private final PrintStream out = System.out;
    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private final ReentrantLock ending = new ReentrantLock();
    private volatile boolean isCancelled;
    private Setup setup = Setup.bare();

    /** Exits with 0, with 1 if something failed, with 2 if the command line is wrong. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setParameterExceptionHandler((e, _) -> {
                    e.getCommandLine().getErr().println("e2e/bench: " + e.getMessage());
                    return 2;
                })
                .setExecutionExceptionHandler((e, command, _) -> {
                    command.getErr().println("e2e/bench: " + (e.getMessage() == null ? e : e.getMessage()));
                    return e instanceof IllegalArgumentException ? 2 : 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws Exception {
        var parts = options.parts();
        var hook = new Thread(this::endAll, "bench-end");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            measure(parts, new Progress(System.err, Boolean.getBoolean("keelson.terminal")));
        } finally {
            endAll();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
        return 0;
    }

    private void measure(Set<Part> parts, Progress progress) throws Exception {
        var directory = Files.createTempDirectory("keelson-bench");
        undo.push(() -> removeTree(directory));
        progress.now("starting");
        var pulls = new Pulls(MIRRORED, options.shapes(), Files.createDirectory(directory.resolve("pulls")));
        var subjects = subjects(directory, parts, pulls, progress);
        var image = options.socket().isPresent() ? options.image : MIRRORED + TestImages.BUSYBOX;
        for (var subject : subjects) {
            new Calls(subject.cri()).pull(image);
        }
        if (parts.contains(Part.CYCLE)) {
            cycles(subjects, image, directory, progress);
        }
        if (parts.contains(Part.CROWD)) {
            for (var subject : subjects) {
                progress.now(subject.name() + ": " + options.pods + " pods");
                new Crowd(subject, image).run(options.pods);
            }
        }
        if (parts.contains(Part.RESTART)) {
            restarts(subjects, image, directory, progress);
        }
        if (parts.contains(Part.PULL)) {
            pulls.run(subjects, options.pulls, progress);
        }
        if (parts.contains(Part.CRITEST)) {
            critest(subjects, Files.createDirectory(directory.resolve("critest")), progress);
        }
        var truth = new Truth();
        if (parts.contains(Part.TRUTH)) {
            for (var subject : subjects) {
                progress.now(subject.name() + ": known loads");
                truth.run(subject, image);
            }
        }
        progress.done();
        if (parts.contains(Part.TRUTH)) {
            out.print(truth.table());
        }
        if (parts.equals(Set.of(Part.TRUTH))) {
            return;
        }
        var report = new Report(subjects);
        out.print(report.table());
        out.print(report.stages());
        if (parts.contains(Part.PULL)) {
            out.print(pulls.stages());
        }
        out.print(report.goals());
        if (options.json != null) {
            Files.writeString(options.json, report.json());
        }
    }

    private List<Subject> subjects(Path directory, Set<Part> parts, Pulls pulls, Progress progress)
            throws IOException, InterruptedException {
        if (options.socket().isPresent()) {
            var cri = Cri.connect(options.socket().get());
            undo.push(cri);
            return List.of(new Subject(
                    "runtime",
                    options.socket().get(),
                    cri,
                    "/keelson-bench",
                    directory.resolve("logs").toString(),
                    OptionalLong.empty(),
                    new Samples(),
                    new TreeMap<>()));
        }
        var server = RegistryServer.start(Files.createDirectory(directory.resolve("registry")));
        undo.push(server);
        setup = Setup.with(server).by(options.runtime());
        try (var registry = new Registry(server.address())) {
            progress.now("making images");
            new TestImages(new Materials(Path.of(Program.required("keelson.materials"))), registry).pushForBench();
            if (parts.contains(Part.PULL)) {
                pulls.push(registry, (long) options.imageMebibytes << 20, progress, () -> isCancelled);
            }
        }
        var subjects = new ArrayList<Subject>();
        subjects.add(start(new Keelson(), directory));
        for (var peer : options.peers()) {
            subjects.add(start(peer, directory));
        }
        return subjects;
    }

    private Subject start(CriDaemon daemon, Path directory) throws IOException, InterruptedException {
        var node = Node.start(Files.createDirectory(directory.resolve(daemon.name())), daemon, setup);
        undo.push(node);
        return Subject.of(daemon.name(), node);
    }

    /** In turn, so that what else the machine does hits all alike; the first of each warms up. */
    private void cycles(List<Subject> subjects, String image, Path directory, Progress progress) throws Exception {
        var bare = Files.createDirectory(directory.resolve("bare"));
        var cycles = new ArrayList<PodCycle>();
        for (var subject : subjects) {
            progress.now(subject.name() + ": warming up");
            // Once is enough, beside the first: it is the same program for all.
            var runtime = cycles.isEmpty() && options.socket().isEmpty()
                    ? Optional.of(new BareRuntime(program(), bare))
                    : Optional.<BareRuntime>empty();
            var cycle = new PodCycle(subject, image, runtime);
            undo.push(cycle::leave);
            cycle.settle();
            cycles.add(cycle);
        }
        for (var sample = 0; sample <= options.samples; sample++) {
            for (var cycle : cycles) {
                progress.now("pod " + sample + " of " + options.samples);
                cycle.run("cycle-" + sample, sample > 0);
            }
        }
        cycles.forEach(PodCycle::leave);
    }

    private void restarts(List<Subject> subjects, String image, Path directory, Progress progress) throws Exception {
        var daemons = new ArrayList<CriDaemon>(List.of(new Keelson()));
        daemons.addAll(options.peers());
        for (var i = 0; i < daemons.size(); i++) {
            var daemon = daemons.get(i);
            progress.now(daemon.name() + ": restarts with " + options.pods + " pods");
            new Restarts(subjects.get(i), daemon, setup, undo)
                    .run(
                            Files.createDirectory(directory.resolve("restarts-" + daemon.name())),
                            image,
                            options.pods,
                            options.restarts);
        }
    }

    private String program() {
        return options.runtime().equals("crun") ? "crun" : Program.required("keelson.runc");
    }

    /** In turn, as all that is compared. */
    private void critest(List<Subject> subjects, Path directory, Progress progress) throws Exception {
        for (var round = 1; round <= options.rounds; round++) {
            for (var subject : subjects) {
                progress.now(subject.name() + ": critest's benchmarks, round " + round + " of " + options.rounds);
                var place = Files.createDirectory(directory.resolve(subject.name() + "-" + round));
                new CritestBenchmarks(subject, place).run();
            }
        }
    }

    /** The last that was begun goes first; once, whoever calls. */
    private void endAll() {
        isCancelled = true;
        ending.lock();
        try {
            while (!undo.isEmpty()) {
                try {
                    undo.pop().close();
                } catch (Exception e) {
                    System.err.println("e2e/bench: cannot clean up: " + e);
                }
            }
        } finally {
            ending.unlock();
        }
    }

    private static void removeTree(Path directory) throws IOException {
        try (var walk = Files.walk(directory)) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
