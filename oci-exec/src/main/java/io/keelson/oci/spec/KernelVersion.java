package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.Comparator;
import java.util.regex.Pattern;

/** A kernel's version as far as programs ask for it: {@code 6.1} of {@code 6.1.0-13-amd64}. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*", Pattern.DOTALL);
    private static final Comparator<KernelVersion> ORDER =
            Comparator.comparingInt(KernelVersion::major).thenComparingInt(KernelVersion::minor);

    /** @throws Failure INVALID for anything that does not begin with two numbers */
    public static KernelVersion parse(String release) {
        var matcher = FORM.matcher(release);
        if (!matcher.matches()) {
            throw Failure.invalid("not a kernel version: \"" + release + "\"");
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public int compareTo(KernelVersion other) {
        return ORDER.compare(this, other);
    }
}
