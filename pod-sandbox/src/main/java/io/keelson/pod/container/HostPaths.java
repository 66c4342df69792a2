package io.keelson.pod.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sources of mounts, which are anywhere on the host. */
final class HostPaths {
    private final PatientLooks<Found> looks = new PatientLooks<>(PatientLooks.PATIENCE);

    /** @param path without links */
    record Found(Path path, boolean isDirectory) {}

    /**
     * Links are followed on the host's side, and a path that is missing is made as a directory, as kubelet's users expect.
     *
     * @throws IOException for a link that leads nowhere, a path through a file, a place where nothing can be made
     * @throws io.keelson.host.failure.Failure as {@link PatientLooks}
     */
    Found find(String hostPath) throws IOException {
        return looks.at(hostPath, () -> lookAt(Path.of(hostPath)));
    }

    private static Found lookAt(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path);
        }
        var real = path.toRealPath();
        return new Found(real, Files.isDirectory(real));
    }
}
