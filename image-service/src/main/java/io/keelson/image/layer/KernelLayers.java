package io.keelson.image.layer;

import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;

/** What this kernel can do with layers that are files. */
public final class KernelLayers {
    private KernelLayers() {}

    /** Whether it has EROFS, built in or as a module that can be loaded. */
    public static boolean hasErofs() {
        try (var _ = Mounts.fsopen("erofs")) {
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENODEV)) {
                return false;
            }
            throw e;
        }
    }

    /** What is meant by a setting here: trees instead of {@link LayerKind#AUTO} where there is no EROFS. */
    public static LayerKind choose(LayerKind setting) {
        return setting == LayerKind.AUTO && !hasErofs() ? LayerKind.DIRECTORY : setting;
    }
}
