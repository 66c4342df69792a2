package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.linux.NativeMemory;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of an image together, where they differ from each alone: in directories that a layer only implies. An overlay
 * shows a directory with the attributes of the topmost layer that has it, implied or not; unpacking one layer after the other
 * would have kept those of the last layer that describes it. The difference is made up for by one more layer, on top, of
 * nothing but such directories.
 */
public final class LayerStack implements AutoCloseable {
    private static final String CORRECTIONS_FILE = "corrections.erofs";
    private static final String CORRECTIONS_DIRECTORY = "corrections.d";

    /** Corrections belong to one container and are known by no digest. */
    private static final Digest UNNAMED = new Digest("sha256", "0".repeat(64));

    private record Level(LayerView reader, Set<String> implied, boolean describesRoot) {}

    private final List<Level> topDown = new ArrayList<>();
    private final Map<String, Optional<Attributes>> known = new HashMap<>();

    /** @param bottomUp the image's layers in its own order */
    public LayerStack(List<Layer> bottomUp) {
        for (var layer : bottomUp.reversed()) {
            topDown.add(
                    new Level(LayerView.of(layer), new HashSet<>(layer.impliedDirectories()), layer.describesRoot()));
        }
    }

    /** Owner and mode of the root directory. */
    public record RootAttributes(int permissions, long uid, long gid) {}

    /** Of the root: what the topmost layer that describes it says. */
    public RootAttributes root() {
        var attributes = topDown.stream()
                .filter(Level::describesRoot)
                .findFirst()
                .map(level -> level.reader().root().attributes())
                .orElse(Attributes.IMPLIED);
        return new RootAttributes(attributes.permissions(), attributes.uid(), attributes.gid());
    }

    /**
     * Writes the layer that belongs on top; empty if none is needed. Where there are no layers at all it is an empty one: an overlay
     * needs something to lie over.
     *
     * @param directory what an earlier attempt left in it is removed
     * @param kind of the layer
     * @return the file, or the tree
     */
    public Optional<Path> writeCorrections(Path directory, LayerKind kind) {
        var file = directory.resolve(CORRECTIONS_FILE);
        var work = directory.resolve(CORRECTIONS_DIRECTORY);
        DurableFiles.remove(file);
        DurableFiles.deleteTree(work);
        var tree = new LayerTree(LayerLimits.DEFAULT.entries());
        for (var level : topDown.subList(0, Math.max(0, topDown.size() - 1))) {
            level.implied().forEach(path -> correct(tree, path));
        }
        if (tree.size() == 0 && !topDown.isEmpty()) {
            return Optional.empty();
        }
        tree.root.attributes = Attributes.IMPLIED;
        if (kind == LayerKind.DIRECTORY) {
            return Optional.of(writeTree(tree, work));
        }
        write(tree, file);
        return Optional.of(file);
    }

    private void correct(LayerTree tree, String path) {
        var components = ByteNames.components(ByteNames.bytes(path));
        var effective = effective(components);
        if (effective.isEmpty() || !isImpliedWhereSeen(components)) {
            return;
        }
        var directory = tree.root;
        for (var depth = 1; depth <= components.size(); depth++) {
            directory = tree.putDirectory(directory, components.get(depth - 1));
            directory.attributes = effective(components.subList(0, depth)).orElse(Attributes.IMPLIED);
        }
    }

    private Optional<Attributes> effective(List<byte[]> components) {
        var key = ByteNames.text(join(components));
        var cached = known.get(key);
        if (cached == null) {
            cached = search(components, key);
            known.put(key, cached);
        }
        return cached;
    }

    private static byte[] join(List<byte[]> components) {
        var length =
                components.stream().mapToInt(component -> component.length + 1).sum();
        var path = new byte[Math.max(0, length - 1)];
        var at = 0;
        for (var component : components) {
            System.arraycopy(component, 0, path, at, component.length);
            at += component.length;
            if (at < path.length) {
                path[at++] = '/';
            }
        }
        return path;
    }

    /** What the topmost layer that describes the directory says, if the directory is seen through the layers above. */
    private Optional<Attributes> search(List<byte[]> components, String key) {
        for (var level : topDown) {
            var trace = trace(level.reader(), components);
            if (trace.found().isPresent()) {
                var found = trace.found().get();
                if (!found.isDirectory()) {
                    return Optional.empty();
                }
                if (!level.implied().contains(key)) {
                    return Optional.of(found.attributes());
                }
            }
            if (trace.hidesLower()) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** Whether the topmost layer that has the directory has no entry for it. */
    private boolean isImpliedWhereSeen(List<byte[]> components) {
        var key = ByteNames.text(join(components));
        for (var level : topDown) {
            if (trace(level.reader(), components).found().isPresent()) {
                return level.implied().contains(key);
            }
        }
        return false;
    }

    /** @param hidesLower a directory above is opaque, or is no directory here */
    private record Trace(Optional<LayerEntry> found, boolean hidesLower) {}

    private static Trace trace(LayerView reader, List<byte[]> components) {
        LayerEntry current = reader.root();
        var hides = false;
        for (var component : components) {
            hides |= current.isOpaque();
            var next = current.find(component);
            if (next.isEmpty()) {
                return new Trace(Optional.empty(), hides || !current.isDirectory());
            }
            current = next.get();
        }
        return new Trace(Optional.of(current), hides);
    }

    private static void write(LayerTree tree, Path path) {
        try (var memory = new NativeMemory();
                var file = new BlockFile(path, LayerLimits.DEFAULT.storedBytes(), new StageTimes(), memory);
                var writer = new ErofsWriter(file)) {
            writer.finish(tree, UNNAMED);
            writer.synchronise();
        } catch (IOException e) {
            throw DurableFiles.failed("write", path, e);
        }
    }

    private static Path writeTree(LayerTree tree, Path directory) {
        DurableFiles.mkdirs(directory);
        try (var writer = new TreeWriter(directory, LayerLimits.DEFAULT.storedBytes(), new StageTimes(), false)) {
            writer.finish(tree, UNNAMED);
            writer.synchronise();
        } catch (IOException e) {
            throw DurableFiles.failed("write", directory, e);
        }
        return directory.resolve(LayerStore.TREE);
    }

    @Override
    public void close() {
        topDown.forEach(level -> level.reader().close());
    }
}
