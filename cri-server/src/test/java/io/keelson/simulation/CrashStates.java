package io.keelson.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.server.log.LoggingConfigurator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs through what deaths and power failures can leave of a journal: each of its steps may be the last one. A seed is a whole state: which
 * step that is, whether the power went, what of the unsynchronised survived, and whether the next daemon died as well.
 * {@code -Dkeelson.crash.states} says how many states of each scenario there shall be, {@code -Dkeelson.crash.seed} runs the one that failed.
 */
final class CrashStates {
    private static final int DAEMONS_THAT_DIE = 4;

    private final String name;
    private final List<Step> journal;
    private final Scenario scenario;
    private final int wanted;

    /** What is made of a state. */
    interface Scenario {
        /** The next daemon's start. */
        void restart(SimulatedDisk disk, SimulatedKernel kernel);

        /** Its start, and then whatever must be true. */
        void check(SimulatedDisk disk, SimulatedKernel kernel, Promises promises);
    }

    /** @param inCheck how many states there are if nobody says otherwise */
    CrashStates(String name, List<Step> journal, Scenario scenario, int inCheck) {
        this.name = name;
        this.journal = journal;
        this.scenario = scenario;
        this.wanted = Integer.getInteger("keelson.crash.states", inCheck);
    }

    /** As many as are wanted, or the one that is asked for. */
    void run() {
        var begin = System.nanoTime();
        var only = Long.getLong("keelson.crash.seed");
        if (only != null) {
            check(only);
            return;
        }
        LoggingConfigurator.setLevel("error");
        var checked = 0;
        for (var seed = 0L; seed < wanted; seed++) {
            check(seed);
            checked++;
        }
        LoggingConfigurator.setLevel("info");
        System.out.printf(
                "%s: %d crash states of %d steps in %d ms%n",
                name, checked, journal.size(), (System.nanoTime() - begin) / 1_000_000);
        assertThat(checked).as("states of %s", name).isEqualTo(wanted);
    }

    private void check(long seed) {
        try {
            var random = Crash.random(seed);
            var end = end(seed, random);
            var state = reach(seed, end, random);
            var promises = new Promises();
            journal.subList(0, end).forEach(step -> {
                if (step instanceof Step.Answered(var change)) {
                    change.accept(promises);
                }
            });
            scenario.check(state.disk, state.kernel, promises);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "%s: state %d is wrong; -Dkeelson.crash.seed=%d repeats it: %s".formatted(name, seed, seed, e), e);
        }
    }

    /** The first states are the deaths after each step; the others are of chance. */
    private int end(long seed, Random random) {
        return seed < journal.size() ? (int) seed + 1 : 1 + random.nextInt(journal.size());
    }

    private State reach(long seed, int end, Random random) {
        var state = State.of(journal.subList(0, end), seed >= journal.size(), random);
        for (var daemon = 0; daemon < DAEMONS_THAT_DIE && random.nextInt(DAEMONS_THAT_DIE) == 0; daemon++) {
            scenario.restart(state.disk, state.kernel);
            var steps = state.journal.steps();
            var died = state.begin + random.nextInt(steps.size() - state.begin + 1);
            state = State.of(steps.subList(0, died), random.nextBoolean(), random);
        }
        return state;
    }

    /** Whether a seed means the same state twice, also where daemons died while they recovered. */
    void assertReplays(int states) {
        for (var seed = 0L; seed < states; seed++) {
            assertThat(left(seed)).as("state %d", seed).isEqualTo(left(seed));
        }
    }

    /** The kinds of the steps that make the state. */
    private List<String> left(long seed) {
        var random = Crash.random(seed);
        return kinds(reach(seed, end(seed, random), random).journal.steps());
    }

    /**
     * What the next daemon finds.
     *
     * @param begin of what it does in the journal
     */
    private record State(SimulatedDisk disk, SimulatedKernel kernel, Journal journal, int begin) {
        static State of(List<Step> steps, boolean isPowerGone, Random random) {
            var before = new SimulatedKernel(new Journal());
            steps.forEach(step -> {
                if (step instanceof Step.Outside(var change)) {
                    change.accept(before);
                }
            });
            var journal = new Journal();
            var left = isPowerGone ? Crash.powerLoss(steps, random) : steps;
            var disk = SimulatedDisk.after(left, journal);
            if (isPowerGone) {
                disk.remove(disk.root().resolve("state"));
            }
            var kernel = new SimulatedKernel(journal);
            before.copyTo(kernel, isPowerGone);
            return new State(disk, kernel, journal, journal.steps().size());
        }
    }

    /** Whether the same requests make the same journal, but for names and sizes that are of chance. */
    static void assertRepeats(List<Step> one, List<Step> other) {
        assertThat(kinds(other)).isEqualTo(kinds(one));
    }

    private static List<String> kinds(List<Step> steps) {
        var kinds = new ArrayList<String>();
        steps.forEach(step -> kinds.add(step.getClass().getSimpleName()));
        return kinds;
    }
}
