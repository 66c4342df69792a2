package io.keelson.pod.network;

import io.keelson.host.disk.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What holds in a pod's network namespace before any plugin puts an interface there. */
public final class PodNetworkDefaults {
    private static final Path IPV6 = Path.of("/proc/sys/net/ipv6/conf");

    private PodNetworkDefaults() {}

    /**
     * Makes interfaces of the calling thread's network namespace, present and to come, ignore IPv6 router advertisements: a
     * neighbour could make itself the pod's router with one (CVE-2020-10749). Called by the thread that made the namespace.
     */
    public static void apply() {
        for (var scope : new String[] {"all", "default"}) {
            var setting = IPV6.resolve(scope).resolve("accept_ra");
            if (Files.exists(setting)) {
                write(setting, "0");
            }
        }
    }

    /** Writes a setting of the kernel (proc_sys_net(5)), in the network namespace of the calling thread. */
    static void write(Path setting, String value) {
        try {
            Files.writeString(setting, value, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw DurableFiles.failed("write " + value + " to", setting, e);
        }
    }
}
