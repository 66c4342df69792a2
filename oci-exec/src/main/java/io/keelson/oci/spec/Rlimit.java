package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A resource limit of a process by its name, {@code RLIMIT_NOFILE} for example (getrlimit(2)); -1 is unlimited.
 *
 * @param soft at most {@code hard}
 */
public record Rlimit(String type, long soft, long hard) {
    public static final long UNLIMITED = -1;

    private static final String PREFIX = "RLIMIT_";
    private static final Pattern FORM = Pattern.compile("([a-z]+)=(-1|\\d{1,18})(?::(-1|\\d{1,18}))?");
    private static final Set<String> TYPES = Set.of(
            "AS",
            "CORE",
            "CPU",
            "DATA",
            "FSIZE",
            "LOCKS",
            "MEMLOCK",
            "MSGQUEUE",
            "NICE",
            "NOFILE",
            "NPROC",
            "RSS",
            "RTPRIO",
            "RTTIME",
            "SIGPENDING",
            "STACK");

    /**
     * As in {@code nofile=1024:2048}, soft and hard, or {@code nofile=1024} for both.
     *
     * @throws Failure INVALID
     */
    public static Rlimit parse(String text) {
        var match = FORM.matcher(text);
        if (!match.matches()) {
            throw Failure.invalid(Texts.quoted(text) + " is not of the form NAME=SOFT:HARD, such as nofile=1024:2048");
        }
        var name = match.group(1).toUpperCase(Locale.ROOT);
        if (!TYPES.contains(name)) {
            throw Failure.invalid(Texts.quoted(text) + ": there is no limit \"" + match.group(1) + "\"");
        }
        var soft = Long.parseLong(match.group(2));
        var hard = match.group(3) == null ? soft : Long.parseLong(match.group(3));
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw Failure.invalid(Texts.quoted(text) + ": the soft limit is above the hard one");
        }
        return new Rlimit(PREFIX + name, soft, hard);
    }

    /** This limit, or what of it is possible where the hard limit cannot be above {@code highest}. */
    public Rlimit atMost(long highest) {
        return Long.compareUnsigned(hard, highest) <= 0
                ? this
                : new Rlimit(type, Long.compareUnsigned(soft, highest) <= 0 ? soft : highest, highest);
    }
}
