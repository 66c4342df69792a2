package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.NamedInodes;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.Attributes;
import io.keelson.image.tar.ByteNames;
import io.keelson.image.tar.TarEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a layer into a tree of its own. While the tar comes, nothing gets a name that the tar chose: files, links and devices are made
 * in one flat directory, numbered. Which of them belongs where is resolved in memory ({@link LayerTree}), as for EROFS; at the end
 * directories are made that are all real and all ours, and everything is moved to its place, from open directory to open directory.
 * So there is no moment at which a link of the tar lies on the way of anything.
 *
 * <p>What a later entry has replaced stays among the numbered ones if the tar may be asked for again.
 */
final class TreeWriter implements LayerWriter {
    static final String ENTRIES = "entries";

    /** Counted for an inode, so that a layer of nothing but names ends, too. */
    private static final int INODE_BYTES = 256;

    private static final int HANDLE = Descriptors.O_PATH | Descriptors.O_DIRECTORY;

    private final Path directory;
    private final long limitBytes;
    private final StageTimes times;
    private final boolean keepsContents;
    private final Fd tree;
    private final Fd entries;
    private final Set<Integer> linked = new HashSet<>();
    private @Nullable TreeFile open;
    private long writtenBytes;
    private int count;

    /**
     * @param directory exists and is ours; gets {@value LayerStore#TREE} and, for a while or for good, {@value #ENTRIES}
     * @param keepsContents whether {@link TreeContents} shall be able to find the contents of all entries
     */
    TreeWriter(Path directory, long limitBytes, StageTimes times, boolean keepsContents) {
        this.directory = directory;
        this.limitBytes = limitBytes;
        this.times = times;
        this.keepsContents = keepsContents;
        DurableFiles.mkdirs(directory.resolve(LayerStore.TREE));
        DurableFiles.mkdirs(directory.resolve(ENTRIES));
        tree = Descriptors.open(directory.resolve(LayerStore.TREE), HANDLE, 0);
        entries = Descriptors.open(directory.resolve(ENTRIES), HANDLE, 0);
    }

    static byte[] entryName(long number) {
        return ByteNames.ascii(Long.toString(number));
    }

    @Override
    public StoredFile file(Attributes attributes, long size) throws IOException {
        return begin(attributes, size, List.of(new TarEntry.Segment(0, size)));
    }

    @Override
    public StoredFile sparseFile(Attributes attributes, long size, List<TarEntry.Segment> segments) throws IOException {
        return begin(attributes, size, segments);
    }

    private StoredFile begin(Attributes attributes, long size, List<TarEntry.Segment> segments) throws IOException {
        var slot = next();
        var path = directory.resolve(ENTRIES).resolve(Integer.toString(slot));
        var file = new TreeFile(
                path,
                size,
                segments,
                this::spend,
                () -> made(() -> {
                    attribute(slot, Inodes.S_IFREG, attributes);
                    return slot;
                }));
        open = file;
        return file;
    }

    private int next() {
        spend(INODE_BYTES);
        return count++;
    }

    private void spend(long bytes) {
        writtenBytes += bytes;
        if (writtenBytes > limitBytes) {
            throw Failure.exhausted("its tree would be larger than " + limitBytes + " bytes");
        }
    }

    @Override
    public int symbolicLink(Attributes attributes, byte[] target) throws IOException {
        return made(() -> {
            var slot = next();
            NamedInodes.symlinkat(target, entries, entryName(slot));
            attribute(slot, Inodes.S_IFLNK, attributes);
            return slot;
        });
    }

    @Override
    public int special(int type, Attributes attributes, int device) throws IOException {
        return made(() -> {
            var slot = next();
            NamedInodes.mknodat(entries, entryName(slot), type, device);
            attribute(slot, type, attributes);
            return slot;
        });
    }

    private void attribute(int slot, int type, Attributes attributes) {
        try (var fd = TreePaths.handle(entries, entryName(slot))) {
            TreeAttributes.apply(fd, type, attributes, false);
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T made(Step<T> step) throws IOException {
        var start = System.nanoTime();
        try {
            return step.run();
        } catch (LinuxException e) {
            throw DurableFiles.failed("unpack into", directory, e);
        } finally {
            times.add(StageTimes.Stage.WRITE, System.nanoTime() - start);
        }
    }

    /** Numbers begin with 1. */
    @Override
    public long position(int slot) {
        return slot + 1L;
    }

    @Override
    public Written finish(LayerTree names, Digest diffId) throws IOException {
        made(() -> {
            place(names.directories());
            return 0;
        });
        if (keepsContents) {
            TreeContents.write(directory, names, count);
        } else {
            DurableFiles.deleteTree(directory.resolve(ENTRIES));
        }
        var found = TreeChecksum.of(directory.resolve(LayerStore.TREE), IoBudget.UNLIMITED);
        return new Written(found.allocatedBytes(), found.digest(), found.inodes());
    }

    /** All at once: a call for each file would wait for the disk as often as there are files. */
    @Override
    public void synchronise() {
        var start = System.nanoTime();
        try (var fd = Descriptors.open(directory, Descriptors.O_RDONLY | Descriptors.O_DIRECTORY, 0)) {
            NamedInodes.syncfs(fd);
        } catch (LinuxException e) {
            throw DurableFiles.failed("synchronise", directory, e);
        }
        times.add(StageTimes.Stage.FSYNC, System.nanoTime() - start);
    }

    /** @param directories parents first; their attributes come last, when nothing in them changes any more */
    private void place(List<DirectoryNode> directories) {
        directories.forEach(this::fill);
        linked.forEach(slot -> Inodes.unlinkat(entries, entryName(slot), 0));
        for (var each : directories.reversed()) {
            try (var fd = TreePaths.handle(tree, each.path())) {
                TreeAttributes.apply(fd, Inodes.S_IFDIR, each.attributesOrImplied(), each.hidesLower());
            }
        }
    }

    private void fill(DirectoryNode node) {
        try (var fd = TreePaths.handle(tree, node.path())) {
            node.listed().forEach(child -> place(child, fd));
        }
    }

    private void place(Node child, Fd parent) {
        if (child instanceof DirectoryNode) {
            NamedInodes.mkdirat(parent, child.name, 0700);
        } else if (child.kind == Node.NOTHING) {
            NamedInodes.mknodat(parent, child.name, Inodes.S_IFCHR, 0);
        } else if (child.isLinked) {
            NamedInodes.linkat(entries, entryName(child.slot), parent, child.name);
            linked.add(child.slot);
        } else {
            Inodes.renameat2(entries, entryName(child.slot), parent, child.name, Inodes.RENAME_NOREPLACE);
        }
    }

    @Override
    public void close() {
        tree.close();
        entries.close();
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            throw DurableFiles.failed("close a file in", directory, e);
        }
    }
}
