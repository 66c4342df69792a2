package io.keelson.image.rootfs;

import io.keelson.image.layer.Layer;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Root file systems of containers: overlays over shared layer mounts. */
public final class RootFilesystems {
    /**
     * @param layerMounts where layers are mounted, {@code <state>/layers}
     * @param fixups where files that correct implied directories are kept, on the same disk as the layers
     */
    public RootFilesystems(Path layerMounts, Path fixups) {}

    /** Mounts at {@code containerDirectory/rootfs}, with {@code upper} and {@code work} beside it. */
    public RootFilesystem mount(List<Layer> lowersBottomUp, Path containerDirectory) {
        return Unfinished.body();
    }

    /** Unmounts the root file system; that nothing is mounted is success. */
    public void unmount(Path containerDirectory) {
        Unfinished.body();
    }

    /** Unmounts the layers that no container uses. */
    public void unmountUnused(Set<Digest> inUse) {
        Unfinished.body();
    }
}
