package io.keelson.server.doctor;

import io.keelson.pod.container.OwnRights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What the daemon may do, or without one who asks. */
final class RightsLook {
    /** A pod's worth of monitors, sockets and counters is a few dozen. */
    private static final long ENOUGH_FILES = 65_536;

    /** By their numbers (capabilities(7)): what it takes to make any container at all. */
    private static final Map<String, Integer> NEEDED = needed();

    private final OwnRights rights;

    /** @param process in proc(5) */
    RightsLook(Path process) {
        rights = OwnRights.read(process);
    }

    private static Map<String, Integer> needed() {
        var needed = new LinkedHashMap<String, Integer>();
        needed.put("CAP_CHOWN", 0);
        needed.put("CAP_DAC_OVERRIDE", 1);
        needed.put("CAP_FOWNER", 3);
        needed.put("CAP_KILL", 5);
        needed.put("CAP_SETGID", 6);
        needed.put("CAP_SETUID", 7);
        needed.put("CAP_NET_ADMIN", 12);
        needed.put("CAP_SYS_PTRACE", 19);
        needed.put("CAP_SYS_ADMIN", 21);
        needed.put("CAP_MKNOD", 27);
        return needed;
    }

    Finding capabilities() {
        var missing = NEEDED.entrySet().stream()
                .filter(each -> (rights.bounding() >> each.getValue() & 1) == 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            return Finding.fail("capabilities", "without " + missing, "run the daemon as root, outside of containers");
        }
        return rights.canRaise()
                ? Finding.ok("capabilities", "all that are needed")
                : Finding.warn(
                        "capabilities",
                        "without CAP_SYS_RESOURCE: no limit above the daemon's own, and no lower OOM score",
                        "give it to the daemon (CapabilityBoundingSet= in its unit)");
    }

    Finding limits() {
        var files = rights.hardLimits().getOrDefault("RLIMIT_NOFILE", 0L);
        // What is unlimited is the largest number without a sign.
        return Long.compareUnsigned(files, ENOUGH_FILES) < 0
                ? Finding.warn(
                        "limits",
                        "no more than " + files + " open files",
                        "LimitNOFILE=1048576 in the daemon's unit: many pods need more than that")
                : Finding.ok("limits", "open files are not the limit");
    }
}
