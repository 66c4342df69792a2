package io.keelson.oci.cgroup;

import java.util.Optional;

/**
 * How long the processes of a group waited for a resource (kernel documentation, PSI).
 *
 * @param some of them waited
 * @param full all of them did at once
 */
public record Pressure(Stall some, Stall full) {
    /** @param totalMicros since the group was made; the others are percentages of the last 10, 60 and 300 seconds */
    public record Stall(long totalMicros, double average10, double average60, double average300) {
        private static final Stall NONE = new Stall(0, 0, 0, 0);
    }

    /** Lines as {@code some avg10=0.12 avg60=0.05 avg300=0.01 total=15158}; a kernel may have no line for {@code full}. */
    static Optional<Pressure> parse(CounterText file) {
        return stall(file.text(), "some ")
                .map(part -> new Pressure(part, stall(file.text(), "full ").orElse(Stall.NONE)));
    }

    private static Optional<Stall> stall(String text, String name) {
        var begin = text.startsWith(name) ? 0 : text.indexOf("\n" + name) + 1;
        if (begin == 0 && !text.startsWith(name)) {
            return Optional.empty();
        }
        return Optional.of(new Stall(
                Long.parseUnsignedLong(value(text, begin, " total=")),
                average(text, begin, " avg10="),
                average(text, begin, " avg60="),
                average(text, begin, " avg300=")));
    }

    /** Most are of groups that wait for nothing. */
    private static double average(String text, int begin, String name) {
        var value = value(text, begin, name);
        return value.equals("0.00") ? 0 : Double.parseDouble(value);
    }

    private static String value(String text, int begin, String name) {
        var start = text.indexOf(name, begin) + name.length();
        var end = start;
        while (end < text.length() && text.charAt(end) > ' ') {
            end++;
        }
        return text.substring(start, end);
    }
}
