package io.keelson.oci.cgroup;

import java.util.Collection;
import java.util.OptionalLong;

/** What the kernel says in a file of counters: one number, numbers a line each, or lines of a name and a number. */
record CounterText(String text) {
    private static final int RADIX = 10;

    /** @param none the word for no number */
    OptionalLong number(String none) {
        var word = text.strip();
        return word.isEmpty() || word.equals(none)
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseUnsignedLong(word));
    }

    /** 0 is a process of another pid namespace than ours. */
    void addNumbers(Collection<Long> numbers) {
        for (var begin = 0; begin < text.length(); ) {
            var line = text.indexOf('\n', begin);
            var end = line < 0 ? text.length() : line;
            var number = Long.parseLong(text, begin, end, RADIX);
            if (number > 0) {
                numbers.add(number);
            }
            begin = end + 1;
        }
    }

    /** How a line with a name and a number is found: by {@link #find}. */
    static String line(String name) {
        return "\n" + name + " ";
    }

    /** The number on the line that begins so; the first one has no other before it. */
    OptionalLong find(String line) {
        var isFirst = text.regionMatches(0, line, 1, line.length() - 1);
        var at = isFirst ? -1 : text.indexOf(line);
        if (at < 0 && !isFirst) {
            return OptionalLong.empty();
        }
        var begin = at + line.length();
        var end = text.indexOf('\n', begin);
        return OptionalLong.of(Long.parseUnsignedLong(text, begin, end < 0 ? text.length() : end, RADIX));
    }
}
