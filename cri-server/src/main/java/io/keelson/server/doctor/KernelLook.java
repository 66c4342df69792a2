package io.keelson.server.doctor;

import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.KernelLayers;
import io.keelson.image.layer.LayerKind;
import io.keelson.oci.spec.KernelVersion;

/** What the kernel has. */
final class KernelLook {
    /** mount_setattr(2) came with it, and with that mounts with mapped ids. */
    private static final KernelVersion LEAST = new KernelVersion(5, 12);
    /** It mounts EROFS files without a loop device. */
    private static final KernelVersion WITH_FILES = new KernelVersion(6, 12);

    private KernelLook() {}

    static Finding version() {
        var release = System.getProperty("os.version");
        return KernelVersion.parse(release).compareTo(LEAST) < 0
                ? Finding.fail("kernel", "Linux " + release, "use Linux 5.12 or newer: it cannot mount as Keelson does")
                : Finding.ok("kernel", "Linux " + release);
    }

    static Finding overlay() {
        try (var _ = Mounts.fsopen("overlay")) {
            return Finding.ok("overlay", "the kernel has overlayfs");
        } catch (LinuxException e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
            return Finding.fail("overlay", "the kernel has no overlayfs", "modprobe overlay");
        }
    }

    /** As what layers are stored, which the daemon decides in the same way. */
    static Finding layers(LayerKind setting) {
        var kind = KernelLayers.choose(setting);
        if (kind == LayerKind.DIRECTORY) {
            return setting == kind
                    ? Finding.ok("layers", "stored as directories, as configured")
                    : Finding.warn(
                            "layers",
                            "the kernel has no EROFS: layers are stored as directories, which is slower",
                            "modprobe erofs");
        }
        if (!KernelLayers.hasErofs()) {
            return Finding.fail(
                    "layers",
                    "storage.layer_store wants EROFS, and the kernel has none",
                    "modprobe erofs, or set storage.layer_store = \"directory\"");
        }
        var hasFiles = KernelVersion.parse(System.getProperty("os.version")).compareTo(WITH_FILES) >= 0;
        if (kind == LayerKind.EROFS && !hasFiles) {
            return Finding.fail(
                    "layers",
                    "storage.layer_store wants EROFS files mounted as they are, which Linux 6.12 and later do",
                    "set storage.layer_store = \"auto\"");
        }
        return Finding.ok("layers", "EROFS files" + (hasFiles ? "" : " by loop devices"));
    }
}
