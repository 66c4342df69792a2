package io.keelson.oci.hook;

import java.util.Map;

/**
 * What the conditions of hooks look at.
 *
 * @param annotations of the container and its pod
 * @param command the program that the container runs
 * @param hasBindMounts whether mounts were asked for, besides the usual ones
 */
public record HookSubject(Map<String, String> annotations, String command, boolean hasBindMounts) {
    public HookSubject {
        annotations = Map.copyOf(annotations);
    }
}
