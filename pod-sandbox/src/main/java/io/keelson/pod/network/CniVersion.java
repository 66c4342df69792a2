package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** A version of the CNI specification. */
record CniVersion(int major, int minor, int patch) implements Comparable<CniVersion> {
    static final CniVersion V0_4_0 = new CniVersion(0, 4, 0);
    static final CniVersion V1_1_0 = new CniVersion(1, 1, 0);

    /** What a configuration without a version means (CNI 0.2.0 and earlier). */
    static final CniVersion UNSTATED = new CniVersion(0, 1, 0);

    /** What Keelson speaks. */
    static final List<CniVersion> SUPPORTED = List.of(
            UNSTATED,
            new CniVersion(0, 2, 0),
            new CniVersion(0, 3, 0),
            new CniVersion(0, 3, 1),
            V0_4_0,
            new CniVersion(1, 0, 0),
            V1_1_0);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?");
    private static final Comparator<CniVersion> ORDER = Comparator.comparingInt(CniVersion::major)
            .thenComparingInt(CniVersion::minor)
            .thenComparingInt(CniVersion::patch);

    static CniVersion parse(String text) {
        var match = FORM.matcher(text);
        if (!match.matches()) {
            throw Failure.invalid("\"" + text + "\" is not a CNI version");
        }
        return new CniVersion(
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)),
                match.group(3) == null ? 0 : Integer.parseInt(match.group(3)));
    }

    boolean isSupported() {
        return SUPPORTED.contains(this);
    }

    boolean isAtLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(CniVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
