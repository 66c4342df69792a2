package io.keelson.image.rootfs;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies of mounted layers whose owners are those of a user namespace. An overlay takes what it needs of them when it is mounted,
 * so they are there for that moment only; and only by name, since overlayfs takes no other mounts before Linux 6.15.
 */
final class MappedLayers {
    private static final String DIRECTORY = "mapped";

    private MappedLayers() {}

    /** Below the container's directory, in the same order. */
    static List<Path> attach(List<Path> layers, Path userNamespace, Path containerDirectory) {
        var attached = new ArrayList<Path>();
        try (var namespace = Descriptors.open(userNamespace, Descriptors.O_RDONLY, 0)) {
            for (var layer : layers) {
                var target = containerDirectory.resolve(DIRECTORY).resolve(Integer.toString(attached.size()));
                Files.createDirectories(target);
                try (var copy = Mounts.openTree(layer, Mounts.OPEN_TREE_CLONE)) {
                    Mounts.mapIds(copy, namespace);
                    Mounts.moveMount(copy, target);
                }
                attached.add(target);
            }
            return attached;
        } catch (IOException e) {
            throw DurableFiles.failed("make a directory below", containerDirectory, e);
        }
    }

    /** Detaches all that are there, of an earlier attempt too; that there are none is success. */
    static void detach(Path containerDirectory) {
        var directory = containerDirectory.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var copies = Files.newDirectoryStream(directory)) {
            for (var copy : copies) {
                Mounts.unmountAll(copy);
                Files.delete(copy);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw DurableFiles.failed("detach what is in", directory, e);
        }
    }
}
