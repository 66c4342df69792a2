package io.keelson.image.rootfs;

import io.keelson.host.disk.HostTrouble;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.AccessList;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.Mounts;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerStack;
import io.keelson.image.reference.Digest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Root file systems of containers: an overlay of the container's own directory over the image's layers. Each layer is mounted
 * once on the node and shared. Nothing is remembered but what the kernel knows: after a restart the mounts are simply there.
 */
public final class RootFilesystems {
    /** Most lower layers of one overlay (overlayfs, OVL_MAX_STACK). */
    public static final int MAX_LAYERS = 500;

    private static final String ROOT = "rootfs";
    private static final String UPPER = "upper";
    private static final String WORK = "work";

    private final LayerMounts layers;
    private final ImageTrees trees;

    /** @param layerMounts where layers are mounted, {@code <state>/layers} */
    public RootFilesystems(Path layerMounts) {
        this(layerMounts, LayerKind.AUTO);
    }

    /** The same with a choice of how layers are mounted. */
    public RootFilesystems(Path layerMounts, LayerKind kind) {
        this.layers = new LayerMounts(layerMounts, kind);
        this.trees = new ImageTrees(layers);
    }

    /** Images that are only looked at, on the same mounted layers. */
    public ImageTrees trees() {
        return trees;
    }

    /** Where what a container writes is. */
    public static Path upper(Path containerDirectory) {
        return containerDirectory.resolve(UPPER);
    }

    /**
     * Mounts at {@code containerDirectory/rootfs}, with {@code upper} and {@code work} beside it. What an earlier attempt left
     * mounted there is unmounted first; what is in {@code upper} is kept. On failure nothing stays mounted but layers.
     *
     * @param ids whose the files are; the container's root user may pass through the container's directory
     * @throws Failure INVALID for an image with more than {@value #MAX_LAYERS} layers; INTERNAL if the kernel refuses
     */
    public RootFilesystem mount(List<Layer> lowersBottomUp, Path containerDirectory, IdMap ids) {
        unmount(containerDirectory);
        try (var undo = new Rollback()) {
            undo.add("unmount the root file system in " + containerDirectory, () -> unmount(containerDirectory));
            var upper = upper(containerDirectory);
            var root = containerDirectory.resolve(ROOT);
            var work = containerDirectory.resolve(WORK);
            LowerLayers.makeDirectories(upper, work, root);
            Overlay.forgetEarlier(work);
            var stack = LowerLayers.distinct(lowersBottomUp);
            try (var together = new LayerStack(stack)) {
                // The overlay's root looks as its upper directory does.
                LowerLayers.takeOver(together.root(), upper, ids);
                var corrections = LowerLayers.mountCorrections(layers, together, containerDirectory);
                layers.withMounted(stack.reversed(), mounted -> {
                    var lowers = new ArrayList<>(corrections);
                    lowers.addAll(mounted);
                    LowerLayers.checkCount(lowers.size());
                    overlay(lowers, containerDirectory, ids);
                });
            }
            RootDirectories.makeReal(root, ids);
            undo.commit();
            return new RootFilesystem(root, upper);
        } catch (LinuxException e) {
            throw new Failure(
                    HostTrouble.kind(e),
                    "cannot mount the root file system in " + containerDirectory + ": " + e.getMessage(),
                    e);
        }
    }

    private static void overlay(List<Path> lowers, Path containerDirectory, IdMap ids) {
        var upper = upper(containerDirectory);
        var work = containerDirectory.resolve(WORK);
        var root = containerDirectory.resolve(ROOT);
        if (ids.userNamespace().isEmpty()) {
            Overlay.mount(lowers, upper, work, root);
            return;
        }
        AccessList.setPassage(containerDirectory, new TreeSet<>(Set.of(ids.rootUid())));
        try {
            Overlay.mount(
                    MappedLayers.attach(lowers, ids.userNamespace().get(), containerDirectory), upper, work, root);
        } finally {
            MappedLayers.detach(containerDirectory);
        }
    }

    /** Unmounts the root file system and leaves the directories; that nothing is mounted is success. */
    public void unmount(Path containerDirectory) {
        Mounts.unmountAll(containerDirectory.resolve(ROOT));
        MappedLayers.detach(containerDirectory);
        Mounts.unmountAll(LowerLayers.corrections(containerDirectory));
    }

    /** A layer has a new file: root file systems to come get that one, and those that are mounted keep what they have. */
    public void mountAnew(Digest diffId) {
        layers.unmount(diffId);
    }

    /**
     * Unmounts the layers that no container uses. Root file systems that are mounted keep what they need in any case; the
     * names below {@code <state>/layers} only serve those to come.
     */
    public void unmountUnused(Set<Digest> inUse) {
        layers.unmountUnused(inUse);
    }
}
