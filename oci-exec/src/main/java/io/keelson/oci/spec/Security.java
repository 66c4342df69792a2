package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.Optional;

/**
 * What a process may do.
 *
 * @param privileged no seccomp filter and AppArmor profile, all devices, nothing masked or read-only below /proc and /sys,
 *     whatever the other fields say; the capabilities are those given
 * @param selinuxLabel of the process
 * @param mountLabel SELinux label of the files in the container's own mounts
 */
public record Security(
        boolean privileged,
        CapabilitySet capabilities,
        boolean noNewPrivileges,
        SeccompChoice seccomp,
        Optional<String> apparmorProfile,
        Optional<String> selinuxLabel,
        Optional<String> mountLabel,
        List<String> maskedPaths,
        List<String> readonlyPaths) {
    public Security {
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
        maskedPaths.forEach(path -> requireAbsolute("masked path", path));
        readonlyPaths.forEach(path -> requireAbsolute("read-only path", path));
    }

    /** What the runtime, which takes a NUL for the end, would protect instead is something else. */
    private static void requireAbsolute(String what, String path) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw Failure.invalid(what + " " + Texts.quoted(path) + " is not a plain absolute path");
        }
    }
}
