package io.keelson.server.watch;

import io.keelson.server.rpc.NodeClient.Usage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;

/** In which order lines are shown, and what keys make of that. */
record View(Order order, boolean isReversed) {
    private static final char REVERSE = 'r';
    private static final char QUIT = 'q';

    /** By what lines are in order. */
    enum Order {
        CPU('c', Comparator.comparingLong(Usage::nanoCores).reversed()),
        MEMORY('m', Comparator.comparingLong(Usage::memoryBytes).reversed()),
        PROCESSES('p', Comparator.comparingLong(Usage::processes).reversed()),
        NAME('n', Comparator.comparing(Usage::pod).thenComparing(Usage::container));

        private final char key;

        @SuppressWarnings("ImmutableEnumChecker") // comparators have no state
        private final Comparator<Usage> comparator;

        Order(char key, Comparator<Usage> comparator) {
            this.key = key;
            this.comparator = comparator;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static View of(Order order) {
        return new View(order, false);
    }

    static boolean isEnd(int key) {
        return key < 0 || Character.toLowerCase(key) == QUIT;
    }

    /** The same for a key that means nothing. */
    View after(int key) {
        var pressed = Character.toLowerCase(key);
        if (pressed == REVERSE) {
            return new View(order, !isReversed);
        }
        return Arrays.stream(Order.values())
                .filter(each -> each.key == pressed)
                .findFirst()
                .map(View::of)
                .orElse(this);
    }

    Comparator<Usage> comparator() {
        var first = isReversed ? order.comparator.reversed() : order.comparator;
        return first.thenComparing(Order.NAME.comparator);
    }

    /** What is shown, and which keys there are. */
    String legend() {
        return "sorted by " + order.word() + (isReversed ? ", reversed" : "") + ": "
                + Arrays.stream(Order.values())
                        .map(each -> each.key + " " + each.word())
                        .collect(Collectors.joining(", "))
                + ", " + REVERSE + " reverse, " + QUIT + " quit";
    }
}
