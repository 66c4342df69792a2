package io.keelson.pod.network;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How pods are attached.
 *
 * @param configurationDirectories where network configurations are looked for: the first file by name in the first directory
 *     that has one
 * @param pluginDirectories where plugins are looked for, in this order
 * @param cacheDirectory on disk, ours alone: what was attached, and with which configuration
 * @param pluginDeadline what one call of one plugin may take
 */
public record NetworkSettings(
        List<Path> configurationDirectories,
        List<Path> pluginDirectories,
        Path cacheDirectory,
        Duration pluginDeadline,
        HostPortMode hostPorts) {
    public NetworkSettings {
        configurationDirectories = List.copyOf(configurationDirectories);
        pluginDirectories = List.copyOf(pluginDirectories);
    }
}
