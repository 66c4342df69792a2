package io.keelson.image.layer;

import io.keelson.host.failure.Failure;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.TarEntry;
import io.keelson.image.tar.TarReader;
import io.keelson.image.tar.TarRecorder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts the entries of a tar where they belong in a layer (OCI image spec, layer, "Applying Changesets"). Whiteouts hide what is
 * below the layer and never its own entries, in whatever order they come.
 */
final class LayerBuilder {
    /** Paths of implied directories, as text. */
    static final int MAX_IMPLIED_BYTES = 16 << 20;

    private static final byte[] WHITEOUT = ByteNames.ascii(".wh.");
    private static final byte[] WHITEOUT_META = ByteNames.ascii(".wh..wh.");
    private static final byte[] OPAQUE = ByteNames.ascii(".wh..wh..opq");

    private final TarReader tar;
    private final LayerWriter writer;
    private final LayerLimits limits;
    private final TarRecorder recorder;
    private final LayerTree tree;

    /** @param recorder hears of the files whose contents the reader hands on */
    LayerBuilder(TarReader tar, LayerWriter writer, LayerLimits limits, TarRecorder recorder) {
        this.recorder = recorder;
        this.tar = tar;
        this.writer = writer;
        this.limits = limits;
        this.tree = new LayerTree(limits.entries());
    }

    /** Reads the whole tar. */
    LayerTree build() throws IOException {
        var entries = 0;
        for (var entry = tar.next(); entry != null; entry = tar.next()) {
            if (++entries > limits.entries()) {
                throw Failure.exhausted("tar has more than " + limits.entries() + " entries");
            }
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new Failure(Failure.Kind.CANCELLED, "interrupted");
            }
            try {
                apply(entry);
            } catch (Failure e) {
                throw e.during("tar entry " + entry.quotedName());
            }
        }
        tar.drain();
        return tree;
    }

    private void apply(TarEntry entry) throws IOException {
        var components = ByteNames.components(entry.name);
        if (!components.isEmpty()
                && ByteNames.startsWith(components.getFirst(), WHITEOUT_META)
                && components.size() > 1) {
            return; // The inside of aufs, which old images still carry.
        }
        for (var directory : components.subList(0, Math.max(0, components.size() - 1))) {
            if (ByteNames.startsWith(directory, WHITEOUT)) {
                throw Failure.invalid("a whiteout has no contents");
            }
        }
        var place = tree.place(entry.name);
        var name = place.name();
        if (name == null) {
            applyToRoot(entry);
        } else if (ByteNames.startsWith(name, WHITEOUT)) {
            applyWhiteout(place.directory(), name);
        } else {
            applyEntry(entry, place.directory(), name);
        }
    }

    private void applyToRoot(TarEntry entry) {
        if (entry.type != TarEntry.Type.DIRECTORY) {
            throw Failure.invalid("the root is not a directory");
        }
        tree.root.attributes = entry.attributes;
    }

    private void applyWhiteout(DirectoryNode directory, byte[] name) {
        if (Arrays.equals(name, OPAQUE)) {
            directory.isOpaque = true;
            return;
        }
        if (ByteNames.startsWith(name, WHITEOUT_META)) {
            return;
        }
        var hidden = Arrays.copyOfRange(name, WHITEOUT.length, name.length);
        if (ByteNames.components(hidden).size() != 1 || ByteNames.isParent(hidden)) {
            throw Failure.invalid("a whiteout of no name");
        }
        tree.putWhiteout(directory, hidden);
    }

    private void applyEntry(TarEntry entry, DirectoryNode directory, byte[] name) throws IOException {
        switch (entry.type) {
            case DIRECTORY -> tree.putDirectory(directory, name).attributes = entry.attributes;
            case FILE -> tree.put(directory, name, Node.FILE, contents(entry));
            case SYMBOLIC_LINK -> {
                if (entry.linkName.length == 0) {
                    throw Failure.invalid("a symbolic link without a target");
                }
                var slot = writer.symbolicLink(entry.attributes, entry.linkName);
                tree.putLink(directory, name, entry.linkName, slot);
            }
            case HARD_LINK -> applyHardLink(entry, directory, name);
            case CHARACTER_DEVICE -> special(entry, directory, name, Node.CHARACTER_DEVICE, ErofsInode.S_IFCHR);
            case BLOCK_DEVICE -> special(entry, directory, name, Node.BLOCK_DEVICE, ErofsInode.S_IFBLK);
            case FIFO -> special(entry, directory, name, Node.FIFO, ErofsInode.S_IFIFO);
        }
    }

    private void special(TarEntry entry, DirectoryNode directory, byte[] name, byte kind, int type) throws IOException {
        var device = kind == Node.FIFO ? 0 : ErofsInode.device(entry.deviceMajor, entry.deviceMinor);
        tree.put(directory, name, kind, writer.special(type, entry.attributes, device));
    }

    private int contents(TarEntry entry) throws IOException {
        if (entry.isSparse && entry.size > 0) {
            var segments = writer.sparseFile(entry.attributes, entry.size, entry.segments);
            tar.readSegments(segments);
            return segments.end();
        }
        var contents = writer.file(entry.attributes, entry.size);
        tar.readContents(contents);
        var slot = contents.end();
        if (entry.size > 0) {
            recorder.contents(slot);
        }
        return slot;
    }

    /** Only to an entry of the same layer that came before: a layer is known without those below it. */
    private void applyHardLink(TarEntry entry, DirectoryNode directory, byte[] name) {
        var target = tree.find(entry.linkName);
        if (target == null || target.kind == Node.NOTHING) {
            throw Failure.invalid(
                    "hard link to " + ByteNames.quote(entry.linkName) + ", which is not in the layer before it");
        }
        if (target instanceof DirectoryNode) {
            throw Failure.invalid("hard link to " + ByteNames.quote(entry.linkName) + ", which is a directory");
        }
        if (target.equals(tree.child(directory, name))) {
            return;
        }
        target.isLinked = true;
        var link = target instanceof Node.Link symbolic
                ? tree.putLink(directory, name, symbolic.target, symbolic.slot)
                : tree.put(directory, name, target.kind, target.slot);
        link.isLinked = true;
    }

    /** Directories without an entry of their own, except the root, parents first. */
    static List<String> impliedDirectories(LayerTree tree) {
        var implied = new ArrayList<String>();
        var bytes = 0L;
        for (var directory : tree.directories()) {
            if (directory.attributes == null && !directory.isRoot()) {
                var path = ByteNames.text(directory.path());
                bytes += path.length();
                if (bytes > MAX_IMPLIED_BYTES) {
                    throw Failure.exhausted(
                            "directories without an entry have more than " + MAX_IMPLIED_BYTES + " bytes of names");
                }
                implied.add(path);
            }
        }
        return implied;
    }
}
