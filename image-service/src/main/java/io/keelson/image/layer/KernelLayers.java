package io.keelson.image.layer;

import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;

/** What this kernel can do with layers that are files. */
public final class KernelLayers {
    private KernelLayers() {}

    /** File systems that a kernel has. */
    @FunctionalInterface
    interface FileSystems {
        /** @throws LinuxException ENODEV if there is none of this name, nor a module of it that can be loaded */
        void open(String name);
    }

    private static void openHere(String name) {
        Mounts.fsopen(name).close();
    }

    /** Whether it has EROFS, built in or as a module that can be loaded. */
    public static boolean hasErofs() {
        return hasErofs(KernelLayers::openHere);
    }

    static boolean hasErofs(FileSystems kernel) {
        try {
            kernel.open("erofs");
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
        return choose(setting, KernelLayers::openHere);
    }

    static LayerKind choose(LayerKind setting, FileSystems kernel) {
        return setting == LayerKind.AUTO && !hasErofs(kernel) ? LayerKind.DIRECTORY : setting;
    }
}
