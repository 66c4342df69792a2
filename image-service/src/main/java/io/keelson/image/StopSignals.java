package io.keelson.image;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which stop signals of images exist (signal(7)). */
final class StopSignals {
    private static final Set<String> NAMES = Set.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "POLL", "PWR", "SYS", "RTMIN", "RTMAX");

    private static final Pattern NUMBER = Pattern.compile("[1-9]|[1-5][0-9]|6[0-4]");
    private static final Pattern REAL_TIME = Pattern.compile("RTMIN\\+(?:[0-9]|1[0-5])|RTMAX-(?:[0-9]|1[0-4])");

    private StopSignals() {}

    /** The signal as it is written, or nothing if there is no such signal. */
    static String known(String signal) {
        var name = signal.toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring(3) : name;
        var exists = NAMES.contains(name)
                || NUMBER.matcher(signal).matches()
                || REAL_TIME.matcher(name).matches();
        return exists ? signal : "";
    }
}
