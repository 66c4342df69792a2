package io.keelson.pod.container;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.Layer;
import io.keelson.image.rootfs.IdMap;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.image.rootfs.UserRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Counts what is mounted and unmounted, and fails where {@link #failing} names the step. */
final class FakeRoots implements ContainerRoots {
    final List<Path> unmounted = new CopyOnWriteArrayList<>();
    final Set<String> failing = new HashSet<>();
    final Set<Path> mounted = ConcurrentHashMap.newKeySet();
    boolean isBusy;
    Duration unmountTakes = Duration.ZERO;

    @Override
    public Path mount(List<Layer> layers, Path containerDirectory, IdMap ids) {
        failIfTold("mount");
        mounted.add(containerDirectory);
        return containerDirectory.resolve("root");
    }

    @Override
    public Path mountImage(List<Layer> layers, Path containerDirectory, int number, String subPath, IdMap ids) {
        failIfTold("mount-image");
        return containerDirectory
                .resolve("images")
                .resolve(Integer.toString(number))
                .resolve(subPath);
    }

    @Override
    public void makeDirectory(Path root, String directory, IdMap ids) {
        failIfTold("make-directory");
    }

    @Override
    public ResolvedUser user(Path root, UserRequest request) {
        failIfTold("user");
        return new ResolvedUser(0, 0, List.of(0L), "root", "/root");
    }

    private void failIfTold(String step) {
        if (failing.contains(step)) {
            throw Failure.invalid(step + " failed");
        }
    }

    @Override
    public void unmount(Path containerDirectory) {
        if (isBusy) {
            throw Failure.unavailable("it is busy");
        }
        try {
            Thread.sleep(unmountTakes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted", e);
        }
        unmounted.add(containerDirectory);
        mounted.remove(containerDirectory);
    }
}
