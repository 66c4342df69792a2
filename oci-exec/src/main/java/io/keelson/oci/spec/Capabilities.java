package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a container's root may do (capabilities(7)): a default set, with what the request adds and drops. Names come with or
 * without {@code CAP_}, in any case. The inheritable set of a container is always empty (CVE-2022-27652, CVE-2022-24769).
 */
public final class Capabilities {
    /** What a container has that asks for nothing. */
    public static final SortedSet<String> DEFAULT = sorted(List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT"));

    /** All that Linux 6.18 knows. */
    public static final SortedSet<String> ALL = sorted(List.of(
            "CAP_AUDIT_CONTROL",
            "CAP_AUDIT_READ",
            "CAP_AUDIT_WRITE",
            "CAP_BLOCK_SUSPEND",
            "CAP_BPF",
            "CAP_CHECKPOINT_RESTORE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_DAC_READ_SEARCH",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_IPC_LOCK",
            "CAP_IPC_OWNER",
            "CAP_KILL",
            "CAP_LEASE",
            "CAP_LINUX_IMMUTABLE",
            "CAP_MAC_ADMIN",
            "CAP_MAC_OVERRIDE",
            "CAP_MKNOD",
            "CAP_NET_ADMIN",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_BROADCAST",
            "CAP_NET_RAW",
            "CAP_PERFMON",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYSLOG",
            "CAP_SYS_ADMIN",
            "CAP_SYS_BOOT",
            "CAP_SYS_CHROOT",
            "CAP_SYS_MODULE",
            "CAP_SYS_NICE",
            "CAP_SYS_PACCT",
            "CAP_SYS_PTRACE",
            "CAP_SYS_RAWIO",
            "CAP_SYS_RESOURCE",
            "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG",
            "CAP_WAKE_ALARM"));

    private static final String EVERYTHING = "ALL";
    private static final String PREFIX = "CAP_";

    private Capabilities() {}

    /**
     * The default set, changed by the request: {@code ALL} adds or drops every one, and a name beats {@code ALL}, so that
     * "drop ALL, add CHOWN" leaves one and "add ALL, drop CHOWN" leaves all but one. What is both added and dropped by name
     * is dropped.
     *
     * @throws Failure INVALID for a name that is no capability
     */
    public static SortedSet<String> of(Collection<String> add, Collection<String> drop) {
        var added = normalised(add);
        var dropped = normalised(drop);
        var result = new TreeSet<>(DEFAULT);
        if (dropped.remove(EVERYTHING)) {
            result.clear();
        }
        if (added.remove(EVERYTHING)) {
            result.addAll(ALL);
        }
        result.addAll(added);
        result.removeAll(dropped);
        return Collections.unmodifiableSortedSet(result);
    }

    private static SortedSet<String> normalised(Collection<String> names) {
        var result = new TreeSet<String>();
        for (var name : names) {
            var upper = name.toUpperCase(Locale.ROOT);
            if (upper.equals(EVERYTHING)) {
                result.add(EVERYTHING);
                continue;
            }
            var full = upper.startsWith(PREFIX) ? upper : PREFIX + upper;
            if (!ALL.contains(full)) {
                throw Failure.invalid("unknown capability \"" + name.replaceAll("\\p{Cntrl}", "?") + "\"");
            }
            result.add(full);
        }
        return result;
    }

    private static SortedSet<String> sorted(List<String> names) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(names));
    }
}
