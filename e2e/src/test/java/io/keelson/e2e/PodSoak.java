package io.keelson.e2e;

import io.keelson.e2e.node.Leftovers;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Many lives of pods on one daemon, which has no more of anything in the end than when it had run for a while. At a hundred moments, or ten
 * if there are few cycles, all is quiet and without pods: nothing is left of any, and what there is of each {@link Quantity} is counted.
 */
final class PodSoak {
    private static final int CYCLES_A_LOOK = 20;
    private static final int MOST_LOOKS_A_TENTH = 10;

    private final SoakCycle cycle;
    private final Leftovers leftovers;
    private final NodeLook look;
    private final Plan plan;
    private final Consumer<String> listener;
    private final AtomicInteger next = new AtomicInteger();

    /**
     * How long.
     *
     * @param warmUp cycles before the first that count: the daemon compiles what it runs, and keeps the history of its first 1,000 pods
     * @param cycles that count
     * @param workers who run them, each one after another
     */
    record Plan(int warmUp, int cycles, int workers) {
        int looks() {
            return Growth.PARTS * Math.clamp(cycles / Growth.PARTS / CYCLES_A_LOOK, 1, MOST_LOOKS_A_TENTH);
        }
    }

    private PodSoak(Node node, Path metrics, Plan plan, Consumer<String> listener)
            throws IOException, InterruptedException {
        cycle = new SoakCycle(node, metrics);
        leftovers = Leftovers.before(node.place(), ImageLayout::isPartOf);
        look = new NodeLook(node, leftovers);
        this.plan = plan;
        this.listener = listener;
    }

    /**
     * On a node of its own below the directory. Fails where a cycle does, and where something is left.
     *
     * @param listener is told a line for each tenth
     */
    static List<Growth> run(Path directory, Plan plan, Consumer<String> listener) throws Exception {
        var metrics = directory.resolve("m.sock");
        var setup =
                Setup.with(TestRegistry.server()).configured("[metrics]\nlisten = \"unix:%s\"\n".formatted(metrics));
        try (var node = Node.start(directory, TestRegistry.daemon(), setup)) {
            Requests.prepare(node, SoakCycle.BUSYBOX, SoakCycle.IMAGE);
            Requests.removeImage(node.cri(), SoakCycle.IMAGE);
            return new PodSoak(node, metrics, plan, listener).run();
        }
    }

    private List<Growth> run() throws Exception {
        var begin = System.nanoTime();
        listener.accept(line("cycles", "seconds", Quantity::title));
        runUntil(plan.warmUp());
        tell(begin, look.take()::get);
        var looks = new ArrayList<Map<Quantity, Long>>();
        for (var number = 1; number <= plan.looks(); number++) {
            runUntil(plan.warmUp() + (int) ((long) plan.cycles() * number / plan.looks()));
            looks.add(look.take());
            if (number % (plan.looks() / Growth.PARTS) == 0) {
                var tenth = looks.subList(looks.size() - plan.looks() / Growth.PARTS, looks.size());
                tell(begin, quantity -> Growth.median(tenth, quantity));
            }
        }
        return Growth.between(looks);
    }

    /** Until so many cycles have been run in all, and nothing is left of them. */
    private void runUntil(int end) throws Exception {
        Together.all(plan.workers(), _ -> {
            for (var number = next.getAndIncrement(); number < end; number = next.getAndIncrement()) {
                runOne(number);
            }
            return end;
        });
        next.set(end);
        leftovers.assertNone();
    }

    private void runOne(int number) {
        try {
            cycle.run(number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("cycle " + number + ": " + e, e);
        }
    }

    private void tell(long begin, Function<Quantity, Long> amount) {
        listener.accept(line(
                Integer.toString(next.get()),
                Long.toString((System.nanoTime() - begin) / 1_000_000_000),
                quantity -> Long.toString(amount.apply(quantity))));
    }

    private static String line(String cycles, String seconds, Function<Quantity, String> cell) {
        return Arrays.stream(Quantity.values())
                .map(quantity -> "%12s".formatted(cell.apply(quantity)))
                .collect(Collectors.joining(" ", "%7s %8s ".formatted(cycles, seconds), ""));
    }
}
