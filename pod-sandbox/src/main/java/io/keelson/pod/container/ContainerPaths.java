package io.keelson.pod.container;

import io.keelson.image.rootfs.RootFilesystems;
import java.nio.file.Path;

/**
 * Where everything of containers lies.
 *
 * @param root on disk: records and what the containers write
 * @param state in memory: what a reboot ends
 */
public record ContainerPaths(Path root, Path state) {
    public Path records() {
        return root.resolve("containers");
    }

    public Path states() {
        return state.resolve("containers");
    }

    /** Where the root file system is mounted, with what the container writes. */
    Path directory(ContainerId id) {
        return records().resolve(id.hex());
    }

    /** What the container has written. */
    public Path writable(ContainerId id) {
        return RootFilesystems.upper(directory(id));
    }

    /** What was asked for and what it led to; written once, before anything runs. */
    Path record(ContainerId id) {
        return directory(id).resolve("record.json");
    }

    /** What became of it; a container without this never was complete. */
    Path status(ContainerId id) {
        return directory(id).resolve("status.json");
    }

    /** The OCI bundle: the runtime and the monitor read it, and the monitor keeps its sockets there. */
    public Path bundle(ContainerId id) {
        return states().resolve(id.hex());
    }

    /** A change of limits that is being made. */
    Path update(ContainerId id) {
        return bundle(id).resolve("update.json");
    }

    /** How many of its processes the kernel had killed for want of memory when we killed the rest. */
    Path oomKills(ContainerId id) {
        return bundle(id).resolve("oom-kills");
    }

    /** Is there once its stop signal was sent. */
    Path signalled(ContainerId id) {
        return bundle(id).resolve("signalled");
    }

    /** Is there once every process of the container was sent SIGKILL by us. */
    Path killed(ContainerId id) {
        return bundle(id).resolve("killed");
    }

    /** The OCI configuration, for as long as the machine runs. */
    public Path spec(ContainerId id) {
        return bundle(id).resolve("config.json");
    }
}
