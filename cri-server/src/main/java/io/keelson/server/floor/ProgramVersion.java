package io.keelson.server.floor;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/** A program's version; what a distribution adds to it, or a release candidate, does not count. */
record ProgramVersion(int major, int minor, int patch) implements Comparable<ProgramVersion> {
    private static final Pattern TEXT = Pattern.compile("\\bv?(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?");
    private static final Comparator<ProgramVersion> ORDER = Comparator.comparingInt(ProgramVersion::major)
            .thenComparingInt(ProgramVersion::minor)
            .thenComparingInt(ProgramVersion::patch);

    /** The first version in the text. */
    static Optional<ProgramVersion> find(String text) {
        var match = TEXT.matcher(text);
        if (!match.find()) {
            return Optional.empty();
        }
        return Optional.of(new ProgramVersion(
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)),
                match.group(3) == null ? 0 : Integer.parseInt(match.group(3))));
    }

    boolean isOfLine(ProgramVersion other) {
        return major == other.major && minor == other.minor;
    }

    @Override
    public int compareTo(ProgramVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
