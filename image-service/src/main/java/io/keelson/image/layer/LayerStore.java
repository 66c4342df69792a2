package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.TreeDisposal;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.record.RecordFormat;
import io.keelson.host.record.SetAside;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers on this node: a directory for each, named by the hex of its diffID, with {@code layer.erofs} or {@code tree}, {@code
 * layer.json} and, where its tar may be asked for, {@code layer.headers}. A layer is made in a directory with another name and renamed
 * when all is durable, so a directory with its final name is whole. What is listed is kept in memory; questions touch no disk.
 *
 * <p>Who has mounted a file keeps it when its name goes; who has bound a tree loses what is deleted in it. So a tree that is replaced
 * gets a name of its own, in the same step, and stays until no container uses a layer of its diffID.
 */
public final class LayerStore {
    static final String FILE = "layer.erofs";
    static final String TREE = "tree";
    static final String HEADERS = "layer.headers";
    static final String RECORD = "layer.json";

    /** Ends the names of trees that were replaced. */
    private static final String REPLACED_SUFFIX = ".old";

    private static final Logger log = LoggerFactory.getLogger(LayerStore.class);

    private final Path directory;
    private final TreeDisposal disposal;
    private final boolean takesFiles;
    /** With their sizes. */
    private final Map<Path, Long> replacedTrees = new ConcurrentHashMap<>();

    private final Map<Digest, Layer> layers = new ConcurrentHashMap<>();
    private final Map<Digest, Long> headerBytes = new ConcurrentHashMap<>();
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();
    private final SetAside setAside = new SetAside();
    private volatile Consumer<Digest> replaced = _ -> {};
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong usedInodes = new AtomicLong();
    private final AtomicLong sequence = new AtomicLong();

    private LayerStore(Path directory, boolean takesFiles) {
        this.directory = directory;
        this.disposal = new TreeDisposal(directory);
        this.takesFiles = takesFiles;
    }

    /**
     * Reads what is there, and removes what an interrupted conversion left. A layer whose record cannot be read, or whose
     * file has another size, is set aside with the suffix {@code .bad}, so that a pull brings it anew; the others are kept.
     */
    public static LayerStore open(Path directory) {
        return open(directory, true);
    }

    /** @param takesFiles whether the kernel can mount layers that are files; if not, they are set aside as well */
    public static LayerStore open(Path directory, boolean takesFiles) {
        DurableFiles.mkdirs(directory);
        var store = new LayerStore(directory, takesFiles);
        try (var children = Files.newDirectoryStream(directory)) {
            for (var child : children) {
                store.load(child);
            }
        } catch (IOException e) {
            throw DurableFiles.failed("list", directory, e);
        }
        return store;
    }

    private void load(Path child) throws IOException {
        var name = child.getFileName().toString();
        if (name.endsWith(DurableFiles.TEMPORARY_SUFFIX)) {
            disposal.add(child);
            return;
        }
        if (name.endsWith(REPLACED_SUFFIX)) {
            keepReplaced(child, recordedBytes(child));
            return;
        }
        if (name.indexOf('.') >= 0) {
            setAside.addEarlier(child);
            return;
        }
        try {
            var layer = LayerRecord.find(child).orElseThrow(() -> Failure.absent("it has no " + RECORD));
            if (!layer.diffId().hex().equals(name) || !isThere(layer)) {
                throw Failure.invalid("its file is not the one that " + RECORD + " describes");
            }
            if (!layer.isTree() && !takesFiles) {
                throw Failure.invalid("this kernel has no EROFS");
            }
            remember(layer);
        } catch (Failure | IOException e) {
            if (e instanceof Failure failure) {
                RecordFormat.passOnNewer(failure, child);
            }
            log.atWarn()
                    .addKeyValue("event", "layer-set-aside")
                    .addKeyValue("layer", name)
                    .setCause(e)
                    .log("layer {} cannot be used: {}", name, e.getMessage());
            setAside(child, name, String.valueOf(e.getMessage()));
        }
    }

    private static boolean isThere(Layer layer) throws IOException {
        return layer.isTree() ? Files.isDirectory(layer.file()) : Files.size(layer.file()) == layer.sizeBytes();
    }

    private void setAside(Path child, String name, String why) {
        if (Files.isDirectory(child.resolve(TREE))) {
            var aside = beside(name, REPLACED_SUFFIX);
            if (setAside.move(child, aside, why).equals(aside)) {
                keepReplaced(aside, recordedBytes(aside));
            }
            return;
        }
        setAside.move(child, child.resolveSibling(name + ".bad"), why);
    }

    /** A name that nothing has: not even what an earlier daemon left, for which it counted from 1 too. */
    private Path beside(String hex, String suffix) {
        while (true) {
            var path = directory.resolve(hex + "." + sequence.incrementAndGet() + suffix);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                return path;
            }
        }
    }

    /** The layers that could not be used. */
    public SetAside setAside() {
        return setAside;
    }

    public Optional<Layer> find(Digest diffId) {
        return Optional.ofNullable(layers.get(diffId));
    }

    /** The layer, but for one whose file was found damaged: that is to be brought again, and then replaced. */
    public Optional<Layer> findSound(Digest diffId) {
        return find(diffId).filter(_ -> !damaged.contains(diffId));
    }

    /** Why the layer's file is not what was written; from then on it is no longer sound. Empty if it is. Reads the whole file. */
    public Optional<String> trouble(Layer layer, IoBudget budget) {
        var trouble = look(layer, budget).or(() -> LayerTar.trouble(layer));
        if (trouble.isPresent()) {
            damaged.add(layer.diffId());
        }
        return trouble;
    }

    private static Optional<String> look(Layer layer, IoBudget budget) {
        try {
            if (layer.isTree()) {
                return TreeChecksum.of(layer.file(), budget).digest().equals(layer.fileDigest())
                        ? Optional.empty()
                        : Optional.of("its tree is not what was unpacked");
            }
            var size = Files.size(layer.file());
            if (size != layer.sizeBytes()) {
                return Optional.of("its file has " + size + " bytes, not " + layer.sizeBytes());
            }
            return LayerChecksum.of(layer.file(), budget).equals(layer.fileDigest())
                    ? Optional.empty()
                    : Optional.of("its file is not what was written");
        } catch (IOException | Failure e) {
            if (e instanceof Failure failure && failure.kind() == Failure.Kind.CANCELLED) {
                throw failure;
            }
            return Optional.of("its file cannot be read: " + e.getMessage());
        }
    }

    /** From now on hears of layers whose file was replaced: where the old one is mounted it stays what it is. */
    public void tellReplaced(Consumer<Digest> listener) {
        replaced = listener;
    }

    /** Free on the disk that layers are on, for us. */
    public long freeBytes() {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw DurableFiles.failed("measure", directory, e);
        }
    }

    public List<Layer> list() {
        return List.copyOf(layers.values());
    }

    /** Where a layer may be made; {@link #publish} or {@link #abandon} ends it. */
    Path begin(Digest diffId) {
        var work = beside(diffId.hex(), DurableFiles.TEMPORARY_SUFFIX);
        DurableFiles.placeDirectory(work);
        return work;
    }

    /** Writes the layer's record into {@code work}; it is durable when {@link #publish} returns. */
    void describe(Path work, Layer written) {
        var record = work.resolve(RECORD);
        DurableFiles.place(record, LayerRecord.write(written));
        DurableFiles.startWriteback(record);
    }

    /** Makes a layer known that is in {@code work}, durable and {@linkplain #describe described}. Where the same layer came first, that one stays. */
    Layer publish(Path work, Layer written) {
        var target = directory.resolve(written.diffId().hex());
        var layer = new Layer(
                written.diffId(),
                target.resolve(written.file().getFileName()),
                written.sizeBytes(),
                written.fileDigest(),
                written.inodes(),
                written.unpackedBytes(),
                written.describesRoot(),
                written.impliedDirectories());
        DurableFiles.settle(work.resolve(RECORD));
        var old = Optional.<Path>empty();
        synchronized (this) {
            var existing = layers.get(layer.diffId());
            if (existing != null && !damaged.contains(layer.diffId())) {
                DurableFiles.deleteTree(work);
                return existing;
            }
            if (existing == null) {
                give(work, target);
            } else {
                old = Optional.of(exchange(work, target, existing));
                forget(existing);
            }
            remember(layer);
        }
        old.ifPresent(path -> {
            if (!replacedTrees.containsKey(path)) {
                DurableFiles.deleteTree(path);
            }
            replaced.accept(layer.diffId());
        });
        return layer;
    }

    /** A name that is perhaps not on disk is taken back: the layer is not known, and the next one could not have the name. */
    private void give(Path work, Path target) {
        if (!Files.notExists(target, LinkOption.NOFOLLOW_LINKS)) {
            // What the disk did not let be moved at the start.
            setAside(target, target.getFileName().toString(), "a pull has brought it anew");
        }
        try (var undo = new Rollback()) {
            undo.add("take back the name of layer " + target.getFileName(), () -> DurableFiles.deleteTree(target));
            DurableFiles.publish(work, target);
            undo.commit();
        }
    }

    /** In one step: at every moment a whole layer has the name. Where what was there is now. */
    private Path exchange(Path work, Path target, Layer existing) {
        if (!existing.isTree()) {
            DurableFiles.exchange(work, target);
            return work;
        }
        // Before the step, since the next start removes what has the name of work.
        var old = beside(existing.diffId().hex(), REPLACED_SUFFIX);
        DurableFiles.publish(work, old);
        keepReplaced(old, existing.sizeBytes());
        DurableFiles.exchange(old, target);
        return old;
    }

    /**
     * Removes trees that were replaced, or set aside.
     *
     * @param used layers that somebody has mounted: what had their names before may be what is mounted
     */
    public synchronized void removeReplaced(Set<Digest> used) {
        var names = used.stream().map(Digest::hex).collect(Collectors.toSet());
        for (var tree : Map.copyOf(replacedTrees).entrySet()) {
            var name = tree.getKey().getFileName().toString();
            if (!names.contains(name.substring(0, name.indexOf('.')))) {
                DurableFiles.deleteTree(tree.getKey());
                replacedTrees.remove(tree.getKey());
                usedBytes.addAndGet(-tree.getValue());
            }
        }
    }

    private void keepReplaced(Path path, long bytes) {
        replacedTrees.put(path, bytes);
        usedBytes.addAndGet(bytes);
    }

    private static long recordedBytes(Path directory) {
        try {
            return LayerRecord.find(directory).map(Layer::sizeBytes).orElse(0L);
        } catch (Failure e) {
            // Its tree is to go in any case.
            return 0;
        }
    }

    void abandon(Path work) {
        DurableFiles.deleteTree(work);
    }

    private void remember(Layer layer) {
        layers.put(layer.diffId(), layer);
        usedBytes.addAndGet(layer.sizeBytes() + headerBytes(layer));
        usedInodes.addAndGet(layer.inodes());
    }

    private long headerBytes(Layer layer) {
        try {
            var headers = LayerTar.headers(layer);
            var bytes = Files.exists(headers) ? Files.size(headers) : 0;
            headerBytes.put(layer.diffId(), bytes);
            return bytes;
        } catch (IOException e) {
            throw DurableFiles.failed("measure", layer.file(), e);
        }
    }

    private void forget(Layer layer) {
        layers.remove(layer.diffId());
        damaged.remove(layer.diffId());
        usedBytes.addAndGet(-layer.sizeBytes()
                - Optional.ofNullable(headerBytes.remove(layer.diffId())).orElse(0L));
        usedInodes.addAndGet(-layer.inodes());
    }

    /**
     * Removes the layer; its absence is success. From then on it is not known and not counted, and its space comes back soon after, or,
     * where it is mounted, with the last of its users. Until the disk has been written to for another reason, a power failure may bring
     * it back whole.
     */
    public synchronized void remove(Digest diffId) {
        var layer = layers.get(diffId);
        if (layer == null) {
            return;
        }
        var target = directory.resolve(diffId.hex());
        var work = beside(diffId.hex(), ".removed" + DurableFiles.TEMPORARY_SUFFIX);
        DurableFiles.rename(target, work);
        forget(layer);
        disposal.add(work);
    }

    /** Returns when the space of all that was removed, and is not mounted, is free. */
    public void awaitRemovals() {
        disposal.await();
    }

    public long usedBytes() {
        return usedBytes.get();
    }

    /** Inodes inside the layers; on the host each layer has three. */
    public long usedInodes() {
        return usedInodes.get();
    }
}
