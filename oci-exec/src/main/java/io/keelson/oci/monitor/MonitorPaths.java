package io.keelson.oci.monitor;

import java.nio.file.Path;

/**
 * Where monitors leave what they know of containers. None of it survives a reboot, as no container does.
 *
 * @param exits a file by each container's id with its exit code, made when it ended
 * @param persist a directory by each container's id with the monitor's notes
 */
public record MonitorPaths(Path exits, Path persist) {
    static final String OOM_FILE = "oom";

    /** All of them below the daemon's state directory. */
    public static MonitorPaths below(Path state) {
        return new MonitorPaths(state.resolve("exits"), state.resolve("persist"));
    }

    Path exit(String id) {
        return exits.resolve(id);
    }

    Path notes(String id) {
        return persist.resolve(id);
    }
}
