package io.keelson.image.rootfs;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Mounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Mounts an overlay through the mount API, a call for each layer, so that no option string has to hold all of them. */
final class Overlay {
    private Overlay() {}

    /** @param topDown the lower layers, the one that wins first */
    static void mount(List<Path> topDown, Path upper, Path work, Path target) {
        try (var context = Mounts.fsopen("overlay")) {
            Mounts.fsconfigString(context, "source", "keelson");
            for (var lower : topDown) {
                configure(context, "lowerdir+", lower);
            }
            configure(context, "upperdir", upper);
            configure(context, "workdir", work);
            // What a container wrote is not looked at again after a power failure, so nobody has to wait for the disk:
            // an
            // unmount would write out everything that anybody wrote to the upper directory's file system.
            Mounts.fsconfigFlag(context, "volatile");
            create(context, target, 0);
        }
    }

    /** @param topDown at least two */
    static void mountReadOnly(List<Path> topDown, Path target, int attributes) {
        try (var context = Mounts.fsopen("overlay")) {
            Mounts.fsconfigString(context, "source", "keelson");
            for (var lower : topDown) {
                configure(context, "lowerdir+", lower);
            }
            create(context, target, attributes);
        }
    }

    private static void create(Fd context, Path target, int attributes) {
        // Whatever the kernel's defaults are: no file of a layer may point elsewhere, or be shown without its
        // contents.
        Mounts.fsconfigString(context, "index", "off");
        Mounts.fsconfigString(context, "metacopy", "off");
        Mounts.fsconfigString(context, "redirect_dir", "nofollow");
        Mounts.fsconfigCreate(context);
        try (var mount = Mounts.fsmount(context, attributes)) {
            Mounts.moveMount(mount, target);
        }
    }

    /** Nothing is mounted with this work directory now: whatever was before need not have been written to the end. */
    static void forgetEarlier(Path work) {
        var mark = work.resolve("work/incompat");
        if (Files.exists(mark)) {
            DurableFiles.deleteTree(mark);
        }
    }

    private static void configure(Fd context, String key, Path path) {
        try (var argument = PathArgument.of(path)) {
            Mounts.fsconfigString(context, key, argument.text());
        }
    }
}
