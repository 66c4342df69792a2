package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.disk.TreeDisposal;
import io.keelson.host.failure.Failure;
import io.keelson.host.record.RecordFormat;
import io.keelson.host.record.SetAside;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers on this node: a directory for each, named by the hex of its diffID, with {@code layer.erofs}, {@code
 * layer.json} and, where its tar may be asked for, {@code layer.headers}. A layer is made in a directory with another name and renamed when both files are durable, so a directory with
 * its final name is whole. What is listed is kept in memory; questions touch no disk.
 */
public final class LayerStore {
    static final String FILE = "layer.erofs";
    static final String HEADERS = "layer.headers";
    static final String RECORD = "layer.json";

    private static final Logger log = LoggerFactory.getLogger(LayerStore.class);

    private final Path directory;
    private final TreeDisposal disposal;
    private final Map<Digest, Layer> layers = new ConcurrentHashMap<>();
    private final Map<Digest, Long> headerBytes = new ConcurrentHashMap<>();
    private final Set<Digest> damaged = ConcurrentHashMap.newKeySet();
    private final SetAside setAside = new SetAside();
    private volatile Consumer<Digest> replaced = _ -> {};
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong usedInodes = new AtomicLong();
    private final AtomicLong sequence = new AtomicLong();

    private LayerStore(Path directory) {
        this.directory = directory;
        this.disposal = new TreeDisposal(directory);
    }

    /**
     * Reads what is there, and removes what an interrupted conversion left. A layer whose record cannot be read, or whose
     * file has another size, is set aside with the suffix {@code .bad}, so that a pull brings it anew; the others are kept.
     */
    public static LayerStore open(Path directory) {
        DurableFiles.mkdirs(directory);
        var store = new LayerStore(directory);
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
        if (name.indexOf('.') >= 0) {
            setAside.addEarlier(child);
            return;
        }
        try {
            var file = child.resolve(FILE);
            var layer = LayerRecord.find(child.resolve(RECORD), file)
                    .orElseThrow(() -> Failure.absent("it has no " + RECORD));
            if (!layer.diffId().hex().equals(name) || Files.size(file) != layer.sizeBytes()) {
                throw Failure.invalid("its file is not the one that " + RECORD + " describes");
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
            var aside = child.resolveSibling(name + ".bad");
            DurableFiles.deleteTree(aside);
            DurableFiles.publish(child, aside);
            setAside.add(aside, String.valueOf(e.getMessage()));
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
        var trouble = look(layer, budget);
        if (trouble.isPresent()) {
            damaged.add(layer.diffId());
        }
        return trouble;
    }

    private static Optional<String> look(Layer layer, IoBudget budget) {
        try {
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
        var work = directory.resolve(diffId.hex() + "." + sequence.incrementAndGet() + DurableFiles.TEMPORARY_SUFFIX);
        DurableFiles.mkdirs(work);
        return work;
    }

    /** Makes a layer known, whose file is in {@code work} and durable. Where the same layer came first, that one stays. */
    Layer publish(Path work, Layer written) {
        var target = directory.resolve(written.diffId().hex());
        var layer = new Layer(
                written.diffId(),
                target.resolve(FILE),
                written.sizeBytes(),
                written.fileDigest(),
                written.inodes(),
                written.unpackedBytes(),
                written.describesRoot(),
                written.impliedDirectories());
        DurableFiles.write(work.resolve(RECORD), LayerRecord.write(layer));
        var isReplaced = false;
        synchronized (this) {
            var existing = layers.get(layer.diffId());
            if (existing != null && !damaged.contains(layer.diffId())) {
                DurableFiles.deleteTree(work);
                return existing;
            }
            if (existing == null) {
                DurableFiles.publish(work, target);
            } else {
                // In one step: at every moment a whole layer has the name.
                DurableFiles.exchange(work, target);
                forget(existing);
                isReplaced = true;
            }
            remember(layer);
        }
        if (isReplaced) {
            DurableFiles.deleteTree(work);
            replaced.accept(layer.diffId());
        }
        return layer;
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
        var work = directory.resolve(
                diffId.hex() + "." + sequence.incrementAndGet() + ".removed" + DurableFiles.TEMPORARY_SUFFIX);
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
