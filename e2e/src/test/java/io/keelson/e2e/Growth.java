package io.keelson.e2e;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * How much there was of a quantity in the first tenth of many looks, and how much in the last: the medians of both, so that a single look at
 * a bad moment decides nothing.
 */
record Growth(Quantity quantity, long first, long last) {
    /** Of what there was at first: who grows by no more does not grow. */
    static final int MOST_PERCENT = 2;

    static final int PARTS = 10;

    /** Of all quantities. */
    static List<Growth> between(List<Map<Quantity, Long>> looks) {
        return Arrays.stream(Quantity.values())
                .map(quantity -> new Growth(
                        quantity, median(tenth(looks, 0), quantity), median(tenth(looks, PARTS - 1), quantity)))
                .toList();
    }

    private static List<Map<Quantity, Long>> tenth(List<Map<Quantity, Long>> looks, int number) {
        return looks.subList(number * looks.size() / PARTS, (number + 1) * looks.size() / PARTS);
    }

    /** The upper one where there are two. */
    static long median(List<Map<Quantity, Long>> looks, Quantity quantity) {
        var sorted =
                looks.stream().mapToLong(look -> look.get(quantity)).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    boolean isTooMuch() {
        return last - first > quantity.slack() && 100 * (last - first) > MOST_PERCENT * first;
    }

    @Override
    public String toString() {
        var percent = first == 0 ? "" : " (%+.1f %%)".formatted(100.0 * (last - first) / first);
        return "%s: %d at first, %d in the end%s".formatted(quantity.title(), first, last, percent);
    }
}
