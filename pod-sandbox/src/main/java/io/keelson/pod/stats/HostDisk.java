package io.keelson.pod.stats;

import io.keelson.host.linux.Inodes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The file system that containers write to, and what block devices are called (sysfs(5)). */
public final class HostDisk {
    private static final String NAME = "DEVNAME=";

    private final Path root;
    private final Map<String, String> names = new ConcurrentHashMap<>();

    public HostDisk(Path root) {
        this.root = root;
    }

    /** What there is on the file system, and on which device that is. */
    record Room(String device, Inodes.FileSystem space) {}

    Room room() {
        var device = Inodes.lstat(root)
                .map(stat -> name(stat.deviceMajor() + ":" + stat.deviceMinor()))
                .orElse("");
        return new Room(device, Inodes.statfs(root));
    }

    /** As {@code /dev/vda}, for {@code 254:0}; the numbers themselves for what is no block device. */
    String name(String numbers) {
        return names.computeIfAbsent(numbers, HostDisk::read);
    }

    private static String read(String numbers) {
        try {
            return Files.readString(Path.of("/sys/dev/block", numbers, "uevent"), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(NAME))
                    .map(line -> "/dev/" + line.substring(NAME.length()))
                    .findFirst()
                    .orElse(numbers);
        } catch (IOException e) {
            return numbers;
        }
    }
}
