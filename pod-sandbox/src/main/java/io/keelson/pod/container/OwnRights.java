package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.oci.spec.Rlimit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel lets a process, this daemon, hand on to its containers.
 *
 * @param bounding a bit for each capability
 * @param canRaise with CAP_SYS_RESOURCE limits may be raised and OOM scores lowered beyond our own
 * @param hardLimits our own, by the names of {@link Rlimit}
 */
public record OwnRights(long bounding, boolean canRaise, int oomScore, Map<String, Long> hardLimits) {
    private static final int CAP_SYS_RESOURCE = 24;
    private static final int LOWEST_OOM_SCORE = -1000;
    private static final int MAX_PROC_BYTES = 64 * 1024;
    private static final int NAME_COLUMNS = 26;

    /** The lines of proc_pid_limits(5). */
    private static final Map<String, String> LIMITS = Map.ofEntries(
            Map.entry("Max address space", "RLIMIT_AS"),
            Map.entry("Max core file size", "RLIMIT_CORE"),
            Map.entry("Max cpu time", "RLIMIT_CPU"),
            Map.entry("Max data size", "RLIMIT_DATA"),
            Map.entry("Max file size", "RLIMIT_FSIZE"),
            Map.entry("Max file locks", "RLIMIT_LOCKS"),
            Map.entry("Max locked memory", "RLIMIT_MEMLOCK"),
            Map.entry("Max msgqueue size", "RLIMIT_MSGQUEUE"),
            Map.entry("Max nice priority", "RLIMIT_NICE"),
            Map.entry("Max open files", "RLIMIT_NOFILE"),
            Map.entry("Max processes", "RLIMIT_NPROC"),
            Map.entry("Max resident set", "RLIMIT_RSS"),
            Map.entry("Max realtime priority", "RLIMIT_RTPRIO"),
            Map.entry("Max realtime timeout", "RLIMIT_RTTIME"),
            Map.entry("Max pending signals", "RLIMIT_SIGPENDING"),
            Map.entry("Max stack size", "RLIMIT_STACK"));

    public OwnRights {
        hardLimits = Map.copyOf(hardLimits);
    }

    /** @param process {@code /proc/self}, that of another process, or what looks like it */
    public static OwnRights read(Path process) {
        var status = text(process.resolve("status"));
        return new OwnRights(
                set(status, "CapBnd:"),
                (set(status, "CapEff:") >> CAP_SYS_RESOURCE & 1) == 1,
                Integer.parseInt(text(process.resolve("oom_score_adj")).strip()),
                hardLimits(text(process.resolve("limits"))));
    }

    /** Nothing lower than one's own without the capability (proc_pid_oom_score_adj(5)). */
    int lowestOomScore() {
        return canRaise ? LOWEST_OOM_SCORE : oomScore;
    }

    /** What of these limits can be given: no hard limit above one's own without the capability (setrlimit(2)). */
    List<Rlimit> possible(List<Rlimit> wanted) {
        return canRaise
                ? wanted
                : wanted.stream()
                        .map(limit -> limit.atMost(hardLimits.getOrDefault(limit.type(), Rlimit.UNLIMITED)))
                        .toList();
    }

    /** A set of capabilities, a bit for each (proc_pid_status(5)). */
    private static long set(String status, String name) {
        return status.lines()
                .filter(line -> line.startsWith(name))
                .map(line ->
                        Long.parseUnsignedLong(line.substring(name.length()).strip(), 16))
                .findFirst()
                .orElse(0L);
    }

    private static Map<String, Long> hardLimits(String limits) {
        var result = new HashMap<String, Long>();
        limits.lines().filter(line -> line.length() > NAME_COLUMNS).forEach(line -> {
            var type = LIMITS.get(line.substring(0, NAME_COLUMNS).strip());
            if (type != null) {
                var hard = line.substring(NAME_COLUMNS).strip().split("\\s+", -1)[1];
                result.put(type, hard.equals("unlimited") ? Rlimit.UNLIMITED : Long.parseLong(hard));
            }
        });
        return result;
    }

    /** In one read(2), as the files of proc want it. */
    private static String text(Path file) {
        return new String(DurableFiles.read(file, MAX_PROC_BYTES), StandardCharsets.US_ASCII);
    }
}
