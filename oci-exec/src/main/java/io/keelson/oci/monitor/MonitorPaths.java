package io.keelson.oci.monitor;

import java.nio.file.Path;

/**
 * Where monitors leave what they know of containers. None of it survives a reboot, as no container does.
 *
 * @param exits a file by each container's id with its exit code, made when it ended
 * @param bundles a directory by each container's id, where its monitor runs
 */
public record MonitorPaths(Path exits, Path bundles) {
    static final String OOM_FILE = "oom";

    /** All of them below the daemon's state directory. */
    public static MonitorPaths below(Path state) {
        return new MonitorPaths(state.resolve("exits"), state.resolve("containers"));
    }

    Path exit(String id) {
        return exits.resolve(id);
    }

    /** Made in the monitor's working directory when the kernel tells it that a process was killed for want of memory. */
    Path oom(String id) {
        return bundles.resolve(id).resolve(OOM_FILE);
    }
}
