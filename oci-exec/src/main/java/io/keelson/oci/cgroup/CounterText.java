package io.keelson.oci.cgroup;

import java.util.List;
import java.util.OptionalLong;

/** What the kernel says in a file of counters: one number, numbers a line each, or lines of a name and a number. */
record CounterText(String text) {
    /** @param none the word for no number */
    OptionalLong number(String none) {
        var word = text.strip();
        return word.isEmpty() || word.equals(none)
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseUnsignedLong(word));
    }

    /** 0 is a process of another pid namespace than ours. */
    List<Long> numbers() {
        return text.lines().map(Long::parseLong).filter(number -> number > 0).toList();
    }

    /** The number on the line that begins with the name. */
    OptionalLong find(String name) {
        for (var at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
            var end = at + name.length();
            if ((at == 0 || text.charAt(at - 1) == '\n') && end < text.length() && text.charAt(end) == ' ') {
                var line = text.indexOf('\n', end);
                return OptionalLong.of(
                        Long.parseUnsignedLong(text.substring(end + 1, line < 0 ? text.length() : line)));
            }
        }
        return OptionalLong.empty();
    }
}
