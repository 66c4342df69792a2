package io.keelson.image;

import io.keelson.image.blob.Platform;
import io.keelson.image.reference.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an image says about running it (OCI image spec, config), as far as it counts here.
 *
 * @param env entries {@code NAME=value}
 * @param stopSignal empty if the image names none, or none that exists
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ImageConfig(
        Platform platform,
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        String workingDir,
        String user,
        Set<String> volumes,
        Map<String, String> labels,
        String stopSignal,
        Set<String> exposedPorts,
        List<Digest> diffIds) {
    public ImageConfig {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = Set.copyOf(volumes);
        labels = Map.copyOf(labels);
        exposedPorts = Set.copyOf(exposedPorts);
        diffIds = List.copyOf(diffIds);
    }
}
