package io.keelson.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code e2e/chaos} runs: all that is too long for a check. */
@Command(
        name = "e2e/chaos",
        subcommands = {ChaosCommand.Kill.class, ChaosCommand.Load.class, ChaosCommand.Soak.class},
        mixinStandardHelpOptions = true)
final class ChaosCommand {
    private ChaosCommand() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ChaosCommand()).execute(arguments));
    }

    @Command(
            name = "kill",
            description =
                    "Kills the daemon at each point, once for each seed, and at any time of each request, once for each seed.",
            mixinStandardHelpOptions = true)
    static final class Kill implements Callable<Integer> {
        @Option(
                names = "--seeds",
                defaultValue = "20",
                description =
                        "How many seeds. 0 is plain; with others chance chooses the OCI runtime and kills daemons that recover.")
        private int seeds;

        @Option(names = "--first", defaultValue = "0", description = "The first seed.")
        private int first;

        @Option(
                names = "--points",
                defaultValue = "",
                description =
                        "A regular expression: only points with such names. The points of any time are called \"REQUEST/at any time\".")
        private String pattern;

        private final List<String> failed = new ArrayList<>();
        private int kills;

        private record Case(String name, Trial trial) {}

        private interface Trial {
            void in(ChaosScene scene, long seed) throws Exception;
        }

        @Override
        public Integer call() throws Exception {
            var begin = System.nanoTime();
            var cases = cases();
            var left = new ArrayList<Case>();
            for (var seed = first; seed < first + seeds; seed++) {
                left.addAll(cases);
                while (!left.isEmpty()) {
                    run(left, seed);
                }
            }
            System.out.printf(
                    "%d kills: %d points and times, %d seeds, %d failed, in %d s%n",
                    kills, cases.size(), seeds, failed.size(), (System.nanoTime() - begin) / 1_000_000_000);
            failed.forEach(each -> System.out.println("FAILED " + each));
            return failed.isEmpty() ? 0 : 1;
        }

        private List<Case> cases() {
            var cases = new ArrayList<Case>();
            KillPoint.matching(pattern)
                    .forEach(point -> cases.add(new Case(point.name(), (scene, seed) -> scene.survives(point, seed))));
            for (var deed : Deed.all()) {
                var name = deed.title() + "/at any time";
                if (name.matches(".*(" + pattern + ").*")) {
                    cases.add(new Case(name, (scene, seed) -> scene.survivesAnyTime(deed, seed)));
                }
            }
            return cases;
        }

        /** On one node until something fails: the next has one of its own. */
        private void run(List<Case> left, long seed) throws Exception {
            try (var directory = new ChaosDirectory();
                    var scene = new ChaosScene(directory.path())) {
                while (!left.isEmpty()) {
                    var next = left.removeFirst();
                    kills++;
                    try {
                        next.trial().in(scene, seed);
                        System.out.printf("%5d  seed %2d  %s%n", kills, seed, next.name());
                    } catch (Exception | AssertionError e) {
                        failed.add(next.name() + ", seed " + seed + ": " + firstLines(e));
                        System.out.println(failed.getLast());
                        return;
                    }
                }
            }
        }

        private static String firstLines(Throwable e) {
            return e.toString().lines().limit(12).reduce("", (all, line) -> all + "\n    " + line);
        }
    }

    @Command(
            name = "load",
            description =
                    "Kills the daemon every few seconds while pods come and go, and then asks everybody what there is.",
            mixinStandardHelpOptions = true)
    static final class Load implements Callable<Integer> {
        @Option(names = "--pods", defaultValue = "100", description = "How many pods there are.")
        private int pods;

        @Option(names = "--seconds", defaultValue = "120", description = "For how long.")
        private int seconds;

        @Option(names = "--seed", defaultValue = "1", description = "Of what chance decides.")
        private long seed;

        @Override
        public Integer call() throws Exception {
            try (var directory = new ChaosDirectory()) {
                var report = DyingLoad.run(directory.path(), pods, Duration.ofSeconds(seconds), seed);
                System.out.printf(
                        "%d kills in %d s, %d life cycles; in the end %d pods, and everybody agrees%n",
                        report.kills(), seconds, report.cycles(), report.pods());
                return 0;
            }
        }
    }

    @Command(
            name = "soak",
            description =
                    "Has pods come and go, and says whether the daemon has more of anything in the last tenth than in the first.",
            mixinStandardHelpOptions = true)
    static final class Soak implements Callable<Integer> {
        @Option(names = "--cycles", defaultValue = "10000", description = "How many lives of pods count.")
        private int cycles;

        @Option(
                names = "--warm-up",
                defaultValue = "1000",
                description = "How many come before: the daemon compiles, and keeps the history of a thousand pods.")
        private int warmUp;

        @Option(names = "--workers", defaultValue = "4", description = "How many there are at once.")
        private int workers;

        @Override
        public Integer call() throws Exception {
            try (var directory = new ChaosDirectory()) {
                var begin = System.nanoTime();
                var growth =
                        PodSoak.run(directory.path(), new PodSoak.Plan(warmUp, cycles, workers), System.out::println);
                growth.forEach(each -> System.out.println((each.isTooMuch() ? "GREW " : "") + each));
                System.out.printf(
                        "%d life cycles after %d in %d s, first against last tenth%n",
                        cycles, warmUp, (System.nanoTime() - begin) / 1_000_000_000);
                return growth.stream().anyMatch(Growth::isTooMuch) ? 1 : 0;
            }
        }
    }

    /** For what a command does; one that cannot be removed is named, and is no failure of it. */
    private record ChaosDirectory(Path path) implements AutoCloseable {
        ChaosDirectory() throws IOException {
            this(Files.createTempDirectory("keelson-chaos"));
        }

        @Override
        public void close() {
            try {
                TemporaryTree.remove(path);
            } catch (IOException e) {
                System.err.println("cannot remove " + path + ": " + e);
            }
        }
    }
}
