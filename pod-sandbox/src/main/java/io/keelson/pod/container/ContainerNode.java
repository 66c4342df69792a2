package io.keelson.pod.container;

import io.keelson.oci.cgroup.CgroupLayout;
import io.keelson.oci.cgroup.HostResources;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.Machine;
import io.keelson.oci.spec.Rlimit;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of this node and of the daemon's own rights decides how containers can be.
 *
 * @param resources what can be limited
 * @param lowestOomScore that this daemon may give to a process
 * @param rlimits of every container's processes
 */
public record ContainerNode(
        Capabilities capabilities,
        Machine machine,
        HostResources resources,
        SecurityModules modules,
        int lowestOomScore,
        List<Rlimit> rlimits) {
    private static final Path SELF = Path.of("/proc/self");
    private static final Path SYS = Path.of("/sys");
    private static final int LOWEST = -1000;
    private static final Logger log = LoggerFactory.getLogger(ContainerNode.class);

    /**
     * Looks at the node once, and says once what it does not permit.
     *
     * @param rlimits those wanted
     */
    public static ContainerNode current(CgroupLayout layout, List<Rlimit> rlimits) {
        var resources = HostResources.read(SYS, layout);
        if (!resources.limitsHugepages() && !resources.pageSizes().isEmpty()) {
            log.atWarn()
                    .addKeyValue("event", "no-hugetlb-controller")
                    .log("without the hugetlb controller limits of huge pages are not kept");
        }
        var rights = OwnRights.read(SELF);
        var possible = rights.possible(rlimits);
        if (!rights.canRaise()) {
            log.atWarn()
                    .addKeyValue("event", "no-cap-sys-resource")
                    .addKeyValue("lowest-oom-score", rights.oomScore())
                    .log("without CAP_SYS_RESOURCE containers cannot get an OOM score below {}", rights.oomScore());
        }
        for (var i = 0; i < rlimits.size(); i++) {
            if (!possible.get(i).equals(rlimits.get(i))) {
                log.atWarn()
                        .addKeyValue("event", "no-cap-sys-resource")
                        .log(
                                "without CAP_SYS_RESOURCE containers cannot get {}: they get {}",
                                rlimits.get(i),
                                possible.get(i));
            }
        }
        return new ContainerNode(
                new Capabilities(rights.bounding()),
                Machine.current(),
                resources,
                SecurityModules.at(Path.of("/")),
                rights.lowestOomScore(),
                possible);
    }

    Confinement confinement() {
        return new Confinement(modules);
    }

    public ContainerNode {
        rlimits = List.copyOf(rlimits);
        if (lowestOomScore < LOWEST || lowestOomScore > -LOWEST) {
            throw new IllegalArgumentException("not an OOM score: " + lowestOomScore);
        }
    }
}
