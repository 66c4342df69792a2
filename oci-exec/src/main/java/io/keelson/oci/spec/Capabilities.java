package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/** Names of capabilities, and how lists of those to add and to drop come together (capabilities(7), CRI v1 Capability). */
public final class Capabilities {
    /** What a container has that asks for nothing. */
    public static final Set<String> DEFAULT = Set.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FSETID",
            "CAP_FOWNER",
            "CAP_MKNOD",
            "CAP_NET_RAW",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETFCAP",
            "CAP_SETPCAP",
            "CAP_NET_BIND_SERVICE",
            "CAP_SYS_CHROOT",
            "CAP_KILL",
            "CAP_AUDIT_WRITE");

    private static final String PREFIX = "CAP_";
    private static final String ALL = "CAP_ALL";

    /** By their numbers in linux/capability.h. */
    private static final List<String> NAMES = List.of(
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_DAC_READ_SEARCH",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SETPCAP",
            "CAP_LINUX_IMMUTABLE",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_BROADCAST",
            "CAP_NET_ADMIN",
            "CAP_NET_RAW",
            "CAP_IPC_LOCK",
            "CAP_IPC_OWNER",
            "CAP_SYS_MODULE",
            "CAP_SYS_RAWIO",
            "CAP_SYS_CHROOT",
            "CAP_SYS_PTRACE",
            "CAP_SYS_PACCT",
            "CAP_SYS_ADMIN",
            "CAP_SYS_BOOT",
            "CAP_SYS_NICE",
            "CAP_SYS_RESOURCE",
            "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG",
            "CAP_MKNOD",
            "CAP_LEASE",
            "CAP_AUDIT_WRITE",
            "CAP_AUDIT_CONTROL",
            "CAP_SETFCAP",
            "CAP_MAC_OVERRIDE",
            "CAP_MAC_ADMIN",
            "CAP_SYSLOG",
            "CAP_WAKE_ALARM",
            "CAP_BLOCK_SUSPEND",
            "CAP_AUDIT_READ",
            "CAP_PERFMON",
            "CAP_BPF",
            "CAP_CHECKPOINT_RESTORE");

    /** Those that can be granted, in order. */
    private final List<String> available;

    /** @param bounding a bit for each capability that this daemon may hand on (proc_pid_status(5), CapBnd) */
    public Capabilities(long bounding) {
        available = IntStream.range(0, NAMES.size())
                .filter(number -> (bounding >> number & 1) == 1)
                .mapToObj(NAMES::get)
                .toList();
    }

    /**
     * Starts from the default set, or from everything or nothing where ALL is added or dropped; what is named by itself wins
     * over ALL, and dropping over adding. Names may lack their {@code CAP_}.
     *
     * @throws Failure INVALID for a name that is no capability, or is unknown to this kernel
     */
    public CapabilitySet merge(Collection<String> add, Collection<String> drop, Collection<String> addAmbient) {
        var added = normalised(add);
        var dropped = normalised(drop);
        var ambient = normalised(addAmbient);
        var granted = new LinkedHashSet<String>();
        if (!dropped.contains(ALL)) {
            granted.addAll(added.contains(ALL) ? available : DEFAULT);
        }
        granted.addAll(added);
        granted.addAll(ambient);
        granted.removeAll(dropped);
        ambient.retainAll(granted);
        return new CapabilitySet(inOrder(granted), inOrder(ambient));
    }

    /** Everything, as a privileged container has it. */
    public CapabilitySet all() {
        return new CapabilitySet(available, List.of());
    }

    private Set<String> normalised(Collection<String> names) {
        var result = new LinkedHashSet<String>();
        for (var name : names) {
            var upper = name.toUpperCase(Locale.ROOT);
            var whole = upper.startsWith(PREFIX) ? upper : PREFIX + upper;
            if (!whole.equals(ALL) && !available.contains(whole)) {
                throw Failure.invalid("unknown capability \"" + name + "\"");
            }
            result.add(whole);
        }
        return result;
    }

    private List<String> inOrder(Set<String> names) {
        return available.stream().filter(names::contains).toList();
    }
}
