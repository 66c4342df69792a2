package io.keelson.image.rootfs;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Inodes;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** What the root file system of a container and the tree of an image that is only looked at have in common. */
final class LowerLayers {
    private static final String CORRECTIONS = "corrections";

    private LowerLayers() {}

    /**
     * Each layer once, where it comes last: an overlay refuses the same directory twice, and the one on top says everything
     * that the one below says. Images do repeat layers, empty ones above all.
     */
    static List<Layer> distinct(List<Layer> bottomUp) {
        return new ArrayList<>(new LinkedHashSet<>(bottomUp.reversed())).reversed();
    }

    /** @throws Failure INVALID beyond what an overlay takes */
    static void checkCount(int lowers) {
        if (lowers > RootFilesystems.MAX_LAYERS) {
            throw Failure.invalid("cannot mount " + lowers + " layers, more than " + RootFilesystems.MAX_LAYERS);
        }
    }

    /** Gives a directory the looks of the image's root. */
    static void takeOver(LayerStack.RootAttributes attributes, Path directory, IdMap ids) {
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
            Inodes.fchown(fd, ids.uid(attributes.uid()), ids.gid(attributes.gid()));
            Inodes.fchmod(fd, attributes.permissions());
        }
    }

    /** What belongs on top of the layers, mounted below the directory; none if they need no correction. */
    static List<Path> mountCorrections(LayerMounts layers, LayerStack stack, Path directory) {
        var written = stack.writeCorrections(directory, layers.kind());
        if (written.isEmpty()) {
            return List.of();
        }
        var mounted = directory.resolve(CORRECTIONS);
        makeDirectories(mounted);
        layers.mount(written.get(), mounted);
        return List.of(mounted);
    }

    /** Where {@link #mountCorrections} mounts them. */
    static Path corrections(Path directory) {
        return directory.resolve(CORRECTIONS);
    }

    static void makeDirectories(Path... directories) {
        for (var directory : directories) {
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw DurableFiles.failed("make directory", directory, e);
            }
        }
    }
}
