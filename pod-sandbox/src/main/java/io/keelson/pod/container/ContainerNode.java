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
        return new ContainerNode(
                new Capabilities(ownSet("CapBnd:")), Machine.current(), isCgroupVersion2, allowedOomScore());
    }

    /** Without CAP_SYS_RESOURCE nothing lower than one's own can be set (proc_pid_oom_score_adj(5)); said once. */
    private static int allowedOomScore() {
        if ((ownSet("CapEff:") >> CAP_SYS_RESOURCE & 1) == 1) {
            return LOWEST;
        }
        var own = Integer.parseInt(read(Path.of("/proc/self/oom_score_adj")));
        log.atWarn()
                .addKeyValue("event", "no-cap-sys-resource")
                .addKeyValue("lowest-oom-score", own)
                .log("without CAP_SYS_RESOURCE containers cannot get an OOM score below {}", own);
        return own;
    }

    /** A set of our own capabilities, a bit for each (proc_pid_status(5)). */
    private static long ownSet(String name) {
        return read(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line ->
                        Long.parseUnsignedLong(line.substring(name.length()).strip(), 16))
                .findFirst()
                .orElse(0L);
    }

    /** In one read(2), as the files of proc want it. */
    private static String read(Path file) {
        return new String(DurableFiles.read(file, MAX_PROC_BYTES), StandardCharsets.US_ASCII).strip();
    }

    public ContainerNode {
        if (lowestOomScore < LOWEST || lowestOomScore > -LOWEST) {
            throw new IllegalArgumentException("not an OOM score: " + lowestOomScore);
        }
    }
}
