package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.util.BitSet;
import java.util.regex.Pattern;

/** Processors or memory nodes as the kernel lists them: {@code 0-3,5} (cpuset(7), "List format"). */
record NumberList(BitSet numbers) {
    /** More than any kernel is built for. */
    private static final int MAX_NUMBER = 0xFFFF;

    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    /** @throws Failure INVALID */
    static NumberList parse(String text) {
        var numbers = new BitSet();
        if (!text.isEmpty()) {
            for (var range : text.split(",", -1)) {
                add(range, numbers);
            }
        }
        return new NumberList(numbers);
    }

    private static void add(String range, BitSet numbers) {
        var match = RANGE.matcher(range);
        if (!match.matches()) {
            throw Failure.invalid("\"" + range.replaceAll("\\p{Cntrl}", "?") + "\" is neither a number nor a range");
        }
        var first = Integer.parseInt(match.group(1));
        var last = match.group(2) == null ? first : Integer.parseInt(match.group(2));
        if (first > last || last > MAX_NUMBER) {
            throw Failure.invalid("\"" + range + "\" is no range of numbers up to " + MAX_NUMBER);
        }
        numbers.set(first, last + 1);
    }

    boolean containsAll(NumberList others) {
        var missing = (BitSet) others.numbers.clone();
        missing.andNot(numbers);
        return missing.isEmpty();
    }
}
