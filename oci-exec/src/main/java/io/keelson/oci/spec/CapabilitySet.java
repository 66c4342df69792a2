package io.keelson.oci.spec;

import java.util.List;

/**
 * Capabilities by their names ({@code CAP_CHOWN}), in the kernel's order. The inheritable set is the ambient one,
 * without which the kernel takes none: a program with file capabilities must not get what its caller had no use of
 * (capabilities(7)).
 *
 * @param granted the bounding, permitted and effective set
 * @param ambient what a process without privileges keeps over execve(2); part of {@code granted}
 */
public record CapabilitySet(List<String> granted, List<String> ambient) {
    public CapabilitySet {
        granted = List.copyOf(granted);
        ambient = List.copyOf(ambient);
        if (!granted.containsAll(ambient)) {
            throw new IllegalArgumentException("ambient capabilities that are not granted: " + ambient);
        }
    }

    public boolean has(String capability) {
        return granted.contains(capability);
    }
}
