package io.keelson.oci.cgroup;

import java.util.Map;

/**
 * A container's control group.
 *
 * @param specified {@code linux.cgroupsPath}, as the runtime takes it: the directory, or {@code slice:prefix:name} with systemd
 * @param directory below each hierarchy's root
 * @param annotations that the runtime needs to make it just there
 */
public record ContainerGroup(String specified, String directory, Map<String, String> annotations) {
    public ContainerGroup {
        annotations = Map.copyOf(annotations);
    }
}
