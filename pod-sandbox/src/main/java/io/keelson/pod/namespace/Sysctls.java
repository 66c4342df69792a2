package io.keelson.pod.namespace;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which kernel parameters a pod may set: those that belong to a namespace of its own, since any other is the host's
 * (CVE-2022-0532). Each is written to its own file and never put together with others to a text (CVE-2022-0811).
 */
public final class Sysctls {
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]*");
    private static final int MAX_VALUE_CHARS = 1024;

    /** Of {@code kernel.*} what belongs to the IPC namespace (ipc_namespaces(7)). */
    private static final Set<String> IPC = Set.of(
            "auto_msgmni",
            "msg_next_id",
            "msgmax",
            "msgmnb",
            "msgmni",
            "sem",
            "sem_next_id",
            "shm_next_id",
            "shm_rmid_forced",
            "shmall",
            "shmmax",
            "shmmni");

    private Sysctls() {}

    /** @throws Failure INVALID, naming the first that the pod may not set, and why */
    public static void check(Map<String, String> sysctls, boolean ownsNetwork, boolean ownsIpc) {
        sysctls.forEach((name, value) -> {
            var segments = segments(name);
            var belongs = switch (segments.getFirst()) {
                case "net" -> require(ownsNetwork, name, "network");
                case "fs" -> segments.get(1).equals("mqueue") && require(ownsIpc, name, "IPC");
                case "kernel" -> segments.size() == 2 && IPC.contains(segments.get(1)) && require(ownsIpc, name, "IPC");
                default -> false;
            };
            if (!belongs) {
                throw Failure.invalid(
                        "sysctl " + printable(name) + " belongs to no namespace of the pod: it is the host's");
            }
            if (value.length() > MAX_VALUE_CHARS || value.chars().anyMatch(each -> each < ' ' && each != '\t')) {
                throw Failure.invalid("the value of sysctl " + printable(name) + " is not one line of at most "
                        + MAX_VALUE_CHARS + " characters");
            }
        });
    }

    private static boolean require(boolean owns, String name, String namespace) {
        if (!owns) {
            throw Failure.invalid(
                    "sysctl " + name + " is the host's in a pod with the host's " + namespace + " namespace");
        }
        return true;
    }

    /** The path below {@code /proc/sys}: with slashes if the name has any, then dots are part of its words (sysctl(8)). */
    static List<String> segments(String name) {
        var segments = List.of(name.split(name.indexOf('/') >= 0 ? "/" : "\\.", -1));
        if (segments.size() < 2
                || !segments.stream()
                        .allMatch(segment -> SEGMENT.matcher(segment).matches())) {
            throw Failure.invalid("\"" + printable(name) + "\" is not the name of a sysctl");
        }
        return segments;
    }

    private static String printable(String text) {
        var cut = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
