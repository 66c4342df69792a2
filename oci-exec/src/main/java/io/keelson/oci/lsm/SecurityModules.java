package io.keelson.oci.lsm;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What this node has of the security modules that label processes: looked for once, but for the profiles of AppArmor, which come and
 * go.
 *
 * @param root {@code /}, or what looks like it
 */
public record SecurityModules(Path root, boolean hasAppArmor, boolean hasSelinux, boolean isSelinuxEnforcing) {
    private static final String APPARMOR = "sys/kernel/security/apparmor";
    private static final String APPARMOR_ENABLED = "sys/module/apparmor/parameters/enabled";
    private static final String SELINUX_ENFORCE = "sys/fs/selinux/enforce";
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    public static SecurityModules at(Path root) {
        var enforce = text(root.resolve(SELINUX_ENFORCE));
        return new SecurityModules(
                root,
                text(root.resolve(APPARMOR_ENABLED)).startsWith("Y") && Files.isDirectory(root.resolve(APPARMOR)),
                !enforce.isEmpty(),
                enforce.startsWith("1"));
    }

    /** Whether the kernel knows an AppArmor profile of this name now: it lists them as {@code name (mode)}. */
    public boolean isLoaded(String profile) {
        return hasAppArmor
                && text(root.resolve(APPARMOR).resolve("profiles"))
                        .lines()
                        .anyMatch(
                                line -> line.startsWith(profile + " (") && line.indexOf('(', profile.length() + 2) < 0);
    }

    /** For people. */
    public Json.Obj describe() {
        return Json.object()
                .put("apparmor", hasAppArmor)
                .put("selinux", hasSelinux)
                .put("selinuxEnforcing", isSelinuxEnforcing)
                .build();
    }

    /** Empty if there is no such file. */
    private static String text(Path file) {
        try {
            return DurableFiles.find(file, MAX_BYTES)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                    .orElse("");
        } catch (Failure e) {
            throw e.during("cannot find out what security modules this node has");
        }
    }
}
