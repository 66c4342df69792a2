package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Signals by name (signal(7)): {@code SIGTERM}, {@code TERM}, {@code 15}, {@code SIGRTMIN+3}, {@code RTMAX-1}. */
final class SignalNumber {
    static final String DEFAULT = "SIGTERM";

    /** As libc gives them to programs: the first two real-time signals are its own. */
    private static final int RTMIN = 34;

    private static final int RTMAX = 64;

    private static final Pattern REAL_TIME = Pattern.compile("(RTMIN\\+|RTMAX-)([0-9]{1,2})");

    private static final Map<String, Integer> NUMBERS = Map.ofEntries(
            Map.entry("HUP", 1),
            Map.entry("INT", 2),
            Map.entry("QUIT", 3),
            Map.entry("ILL", 4),
            Map.entry("TRAP", 5),
            Map.entry("ABRT", 6),
            Map.entry("IOT", 6),
            Map.entry("BUS", 7),
            Map.entry("FPE", 8),
            Map.entry("KILL", 9),
            Map.entry("USR1", 10),
            Map.entry("SEGV", 11),
            Map.entry("USR2", 12),
            Map.entry("PIPE", 13),
            Map.entry("ALRM", 14),
            Map.entry("TERM", 15),
            Map.entry("STKFLT", 16),
            Map.entry("CHLD", 17),
            Map.entry("CLD", 17),
            Map.entry("CONT", 18),
            Map.entry("STOP", 19),
            Map.entry("TSTP", 20),
            Map.entry("TTIN", 21),
            Map.entry("TTOU", 22),
            Map.entry("URG", 23),
            Map.entry("XCPU", 24),
            Map.entry("XFSZ", 25),
            Map.entry("VTALRM", 26),
            Map.entry("PROF", 27),
            Map.entry("WINCH", 28),
            Map.entry("IO", 29),
            Map.entry("POLL", 29),
            Map.entry("PWR", 30),
            Map.entry("SYS", 31),
            Map.entry("RTMIN", RTMIN),
            Map.entry("RTMAX", RTMAX));

    private SignalNumber() {}

    /** @throws Failure INVALID if there is no such signal */
    static int of(String name) {
        var plain = name.toUpperCase(Locale.ROOT);
        plain = plain.startsWith("SIG") ? plain.substring(3) : plain;
        var number = NUMBERS.get(plain);
        if (number != null) {
            return number;
        }
        var realTime = REAL_TIME.matcher(plain);
        if (realTime.matches()) {
            var offset = Integer.parseInt(realTime.group(2));
            var value = realTime.group(1).equals("RTMIN+") ? RTMIN + offset : RTMAX - offset;
            if (value >= RTMIN && value <= RTMAX) {
                return value;
            }
        }
        if (plain.length() <= 2 && !plain.isEmpty() && plain.chars().allMatch(each -> each >= '0' && each <= '9')) {
            var value = Integer.parseInt(plain);
            if (value >= 1 && value <= RTMAX) {
                return value;
            }
        }
        throw Failure.invalid("there is no signal \"" + name.replaceAll("\\p{Cntrl}", "?") + "\"");
    }

    /** The name that CRI has for what an image may write in other ways. */
    static String canonical(String name) {
        var number = of(name);
        return NUMBERS.entrySet().stream()
                .filter(entry -> entry.getValue() == number)
                .map(entry -> "SIG" + entry.getKey())
                .filter(each -> !each.equals("SIGIOT") && !each.equals("SIGCLD") && !each.equals("SIGPOLL"))
                .findFirst()
                .orElseGet(
                        () -> number - RTMIN <= 15 ? "SIGRTMIN+" + (number - RTMIN) : "SIGRTMAX-" + (RTMAX - number));
    }
}
