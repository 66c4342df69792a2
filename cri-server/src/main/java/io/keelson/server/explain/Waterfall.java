package io.keelson.server.explain;

import io.keelson.server.text.Ink;
import io.keelson.server.text.Table;
import io.keelson.server.text.Times;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What was done when, one line each, with the path that decided how long all of it took. */
final class Waterfall {
    private static final int WIDTH = 40;

    /** Times of day, durations and other programs' clocks do not fit together any better. */
    private static final long TOLERANCE_MICROS = 2_000;

    /**
     * One line.
     *
     * @param name indented for a part of another
     * @param isPart of another line's work, or beside it: not on the path itself
     */
    record Bar(String name, long beginMicros, long micros, boolean isPart) {
        long endMicros() {
            return beginMicros + micros;
        }
    }

    private final List<Bar> bars = new ArrayList<>();

    void step(String name, long beginMicros, long micros) {
        bars.add(new Bar(name, beginMicros, micros, false));
    }

    void part(String name, long beginMicros, long micros) {
        bars.add(new Bar("  " + name, beginMicros, micros, true));
    }

    /** From the end back: each time what ended last before the one after it began. In the order of time. */
    List<Bar> criticalPath() {
        var path = new ArrayList<Bar>();
        var next = last(Long.MAX_VALUE - TOLERANCE_MICROS, Set.of());
        while (next.isPresent()) {
            path.addFirst(next.get());
            next = last(next.get().beginMicros(), new HashSet<>(path));
        }
        return path;
    }

    private Optional<Bar> last(long beforeMicros, Set<Bar> without) {
        return bars.stream()
                .filter(bar -> !bar.isPart() && !without.contains(bar))
                .filter(bar -> bar.endMicros() <= beforeMicros + TOLERANCE_MICROS)
                .max(Comparator.comparingLong(Bar::endMicros));
    }

    void print(PrintWriter out, Ink ink) {
        var path = criticalPath();
        var begin = bars.stream().mapToLong(Bar::beginMicros).min().orElse(0);
        var end = bars.stream().mapToLong(Bar::endMicros).max().orElse(0);
        var all = Math.max(1, end - begin);
        var table = new Table("STEP", "AT", "TOOK", "");
        for (var bar : bars) {
            table.row(
                    bar.name() + (path.contains(bar) ? "*" : ""),
                    Times.text(bar.beginMicros() - begin),
                    Times.text(bar.micros()),
                    drawn(bar, begin, all));
        }
        table.print(out);
        out.println(ink.strong("critical path: ") + described(path, all));
    }

    private static String drawn(Bar bar, long begin, long all) {
        var from = (int) Math.min(WIDTH - 1, (bar.beginMicros() - begin) * WIDTH / all);
        var length = Math.clamp(bar.micros() * WIDTH / all, 1, WIDTH - from);
        return " ".repeat(from) + (bar.isPart() ? "-" : "=").repeat(length);
    }

    /** What nobody worked at is the time of whoever asks for one thing after the other. */
    private static String described(List<Bar> path, long all) {
        var text = new StringBuilder();
        var worked = 0L;
        for (var bar : path) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(bar.name().strip())
                    .append(' ')
                    .append(Times.text(bar.micros()));
            worked += bar.micros();
        }
        return text + "; " + Times.text(Math.max(0, all - worked)) + " of " + Times.text(all)
                + " between them, waiting for the next call";
    }
}
