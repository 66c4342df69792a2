package io.keelson.oci.cgroup;

import java.util.ArrayList;
import java.util.List;
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
    List<Long> numbers() {
        var numbers = new ArrayList<Long>();
        for (var begin = 0; begin < text.length(); ) {
            var line = text.indexOf('\n', begin);
            var end = line < 0 ? text.length() : line;
            var number = Long.parseLong(text, begin, end, RADIX);
            if (number > 0) {
                numbers.add(number);
            }
            begin = end + 1;
        }
        return numbers;
    }

    /** The number on the line that begins with the name. */
    OptionalLong find(String name) {
        var begin = text.startsWith(name + " ") ? name.length() + 1 : afterLineBreak(name);
        if (begin < 0) {
            return OptionalLong.empty();
        }
        var line = text.indexOf('\n', begin);
        return OptionalLong.of(Long.parseUnsignedLong(text, begin, line < 0 ? text.length() : line, RADIX));
    }

    private int afterLineBreak(String name) {
        var at = text.indexOf("\n" + name + " ");
        return at < 0 ? at : at + name.length() + 2;
    }
}
