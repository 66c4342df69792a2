package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.Machine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of this node and of the daemon's own rights decides how containers can be.
 *
 * @param lowestOomScore that this daemon may give to a process
 */
public record ContainerNode(Capabilities capabilities, Machine machine, boolean isCgroupVersion2, int lowestOomScore) {
    private static final int CAP_SYS_RESOURCE = 24;
    private static final int LOWEST = -1000;
    private static final int MAX_PROC_BYTES = 64 * 1024;
    private static final Logger log = LoggerFactory.getLogger(ContainerNode.class);

    /** Looks at the node once. */
    public static ContainerNode current(boolean isCgroupVersion2) {
        var last = Integer.parseInt(read(Path.of("/proc/sys/kernel/cap_last_cap")));
        return new ContainerNode(new Capabilities(last), Machine.current(), isCgroupVersion2, allowedOomScore());
    }

    /** Without CAP_SYS_RESOURCE nothing lower than one's own can be set (proc_pid_oom_score_adj(5)); said once. */
    private static int allowedOomScore() {
        var effective = read(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16))
                .findFirst()
                .orElse(0L);
        if ((effective >> CAP_SYS_RESOURCE & 1) == 1) {
            return LOWEST;
        }
        var own = Integer.parseInt(read(Path.of("/proc/self/oom_score_adj")));
        log.atWarn()
                .addKeyValue("event", "no-cap-sys-resource")
                .addKeyValue("lowest-oom-score", own)
                .log("without CAP_SYS_RESOURCE containers cannot get an OOM score below {}", own);
        return own;
    }

    /** In one read(2): the kernel gives a number below /proc/sys to the first one alone, however few bytes that asks for. */
    private static String read(Path file) {
        return new String(DurableFiles.read(file, MAX_PROC_BYTES), StandardCharsets.US_ASCII).strip();
    }

    public ContainerNode {
        if (lowestOomScore < LOWEST || lowestOomScore > -LOWEST) {
            throw new IllegalArgumentException("not an OOM score: " + lowestOomScore);
        }
    }
}
