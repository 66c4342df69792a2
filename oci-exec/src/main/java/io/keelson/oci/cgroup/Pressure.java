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
        var some = Optional.<Stall>empty();
        var full = Optional.<Stall>empty();
        for (var line : file.text().lines().toList()) {
            if (line.startsWith("some ")) {
                some = Optional.of(stall(line));
            } else if (line.startsWith("full ")) {
                full = Optional.of(stall(line));
            }
        }
        var whole = full.orElse(Stall.NONE);
        return some.map(part -> new Pressure(part, whole));
    }

    private static Stall stall(String line) {
        return new Stall(
                Long.parseUnsignedLong(value(line, "total")),
                Double.parseDouble(value(line, "avg10")),
                Double.parseDouble(value(line, "avg60")),
                Double.parseDouble(value(line, "avg300")));
    }

    private static String value(String line, String name) {
        var start = line.indexOf(' ' + name + '=') + name.length() + 2;
        var end = line.indexOf(' ', start);
        return line.substring(start, end < 0 ? line.length() : end);
    }
}
