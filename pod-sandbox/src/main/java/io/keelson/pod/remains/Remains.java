package io.keelson.pod.remains;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.MountInfo;
import io.keelson.host.linux.Mounts;
import io.keelson.host.record.HexId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodRecords;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What lies in the state directory, and is mounted there, for a pod, a container or a layer that is not on disk. The next start of a
 * daemon goes by what is on disk, and would never find it.
 */
public final class Remains {
    private static final String NAMESPACE = "nsfs";

    private final Path root;
    private final Path state;

    public Remains(Path root, Path state) {
        this.root = root;
        this.state = state;
    }

    /**
     * One of them.
     *
     * @param mounts on it and in it, in the order in which they were made
     */
    public record Ownerless(Path path, List<MountInfo> mounts) {
        public Ownerless {
            mounts = List.copyOf(mounts);
        }

        /** What pins namespaces among the mounts. */
        public List<Path> namespaces() {
            return points(mount -> mount.type().equals(NAMESPACE));
        }

        public List<Path> otherMounts() {
            return points(mount -> !mount.type().equals(NAMESPACE));
        }

        private List<Path> points(Predicate<MountInfo> which) {
            return mounts.stream().filter(which).map(MountInfo::mountPoint).toList();
        }
    }

    /** All of them. While a daemon runs, what it is just making looks as they do. */
    public List<Ownerless> find() {
        var pods = new PodRecords(new PodPaths(root, state));
        var containers = new ContainerRecords(new ContainerPaths(root, state));
        var mounts = Mounts.mountInfo();
        var found = new ArrayList<Ownerless>();
        collect("pods", pods::has, mounts, found);
        collect("containers", containers::has, mounts, found);
        collect("exits", containers::has, mounts, found);
        // Of monitors that earlier versions have started.
        collect("persist", containers::has, mounts, found);
        collect("layers", hex -> Files.isDirectory(root.resolve("layers").resolve(hex)), mounts, found);
        return found;
    }

    private void collect(String kind, Predicate<String> isKnown, List<MountInfo> mounts, List<Ownerless> found) {
        var directory = state.resolve(kind);
        try (var children = Files.list(directory)) {
            children.sorted()
                    // Pods and containers have such names, and layers by their digests.
                    .filter(child -> HexId.is(child.getFileName().toString()))
                    .filter(child -> !isKnown.test(child.getFileName().toString()))
                    .map(child -> new Ownerless(child, within(child, mounts)))
                    .forEach(found::add);
        } catch (NoSuchFileException e) {
            // No daemon has run since the node was started.
            return;
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
    }

    private static List<MountInfo> within(Path path, List<MountInfo> mounts) {
        return mounts.stream()
                .filter(mount -> mount.mountPoint().startsWith(path))
                .toList();
    }

    /**
     * Unmounts it and removes its files, as long as no daemon runs, which is for the caller to see to.
     *
     * @throws Failure WRONG_STATE if something stays mounted there; no file is touched then
     */
    public void remove(Ownerless remains) {
        remains.mounts().reversed().forEach(mount -> Mounts.unmountAll(mount.mountPoint()));
        if (!within(remains.path(), Mounts.mountInfo()).isEmpty()) {
            throw Failure.wrongState("cannot remove " + remains.path() + ": something is still mounted there");
        }
        DurableFiles.deleteTree(remains.path());
    }
}
