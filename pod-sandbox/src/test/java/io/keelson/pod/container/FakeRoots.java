package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.Layer;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.image.rootfs.UserRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counts what is unmounted. */
final class FakeRoots implements ContainerRoots {
    final List<Path> unmounted = new ArrayList<>();
    boolean isBusy;

    @Override
    public Path mount(List<Layer> layers, Path containerDirectory) {
        throw new UnsupportedOperationException("nothing is mounted here");
    }

    @Override
    public void makeDirectory(Path root, String directory) {
        throw new UnsupportedOperationException("nothing is mounted here");
    }

    @Override
    public ResolvedUser user(Path root, UserRequest request) {
        throw new UnsupportedOperationException("nothing is mounted here");
    }

    @Override
    public void unmount(Path containerDirectory) {
        if (isBusy) {
            throw Failure.unavailable("it is busy");
        }
        unmounted.add(containerDirectory);
    }
}
