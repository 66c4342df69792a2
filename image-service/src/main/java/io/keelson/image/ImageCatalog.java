package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.LayerLeases.Lease;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The images on this node. Questions are answered from memory, without a lock. Changes are made by one thread at a time, on disk
 * first and then in memory: an image that is listed is durable, and one whose removal returned is gone.
 */
public final class ImageCatalog {
    private final OciLayout layout;
    private final RecordDirectory records;
    private final LayerStore layers;
    private final LayerLeases leases = new LayerLeases();
    private volatile ImageNames names;
    private volatile Supplier<Set<Digest>> containersUse = Set::of;
    private long generation;

    private ImageCatalog(OciLayout layout, RecordDirectory records, LayerStore layers) {
        this.layout = layout;
        this.records = records;
        this.layers = layers;
        this.names = new ImageNames(records.load(layout, layers));
        this.generation =
                names.all().stream().mapToLong(ImageRecord::generation).max().orElse(0);
    }

    /**
     * Reads the records below {@code root} and removes what unfinished pulls left in the layout. A record that is damaged, or
     * names what is not there, is set aside, and a pull brings the image anew; the others are kept.
     *
     * @param root holds {@code images} (the OCI layout) and {@code image-records}
     */
    public static ImageCatalog open(Path root, LayerStore layers) {
        var layout = OciLayout.open(root.resolve("images"));
        var catalog = new ImageCatalog(layout, RecordDirectory.open(root.resolve("image-records")), layers);
        layout.retain(catalog.usedBlobs());
        catalog.writeIndex();
        return catalog;
    }

    /**
     * By tag, by name with digest, by id with or without {@code sha256:} or a beginning of it that fits one image only, or by the
     * digest of its manifest.
     *
     * @throws Failure INVALID if it can be none of these
     */
    public Optional<ImageRecord> find(String nameOrId) {
        return names.find(nameOrId);
    }

    public List<ImageRecord> list() {
        return names.all();
    }

    /** Finds the image and keeps its layers until the answer is closed: for the time until a container's own record names them. */
    public Optional<HeldImage> hold(String nameOrId) {
        var found = find(nameOrId);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var image = found.get();
        var lease = leases.hold(image.diffIds());
        var present = new ArrayList<Layer>();
        image.diffIds().forEach(diffId -> layers.find(diffId).ifPresent(present::add));
        // A removal may have come between; with the lease, what is here now stays.
        if (present.size() < image.diffIds().size()) {
            lease.close();
            return Optional.empty();
        }
        return Optional.of(new Held(image, List.copyOf(present), lease));
    }

    private record Held(ImageRecord image, List<Layer> layers, Lease lease) implements HeldImage {
        @Override
        public void close() {
            lease.close();
        }
    }

    /** The image's config as its registry sent it. */
    public byte[] rawConfig(ImageRecord image) {
        return layout.find(image.id().digest())
                .orElseThrow(() -> Failure.absent("image " + image.id() + " is no longer here"));
    }

    /** How the last pull went that brought something of the image: steps and, for each layer, where its time went. */
    public Optional<Json.Obj> lastPull(ImageRecord image) {
        return records.lastPull(image.id());
    }

    /** Which layers are under containers is known to those who come later; from then on they are asked at each removal. */
    void containersUse(Supplier<Set<Digest>> diffIds) {
        containersUse = diffIds;
    }

    /** Those that are not here. */
    List<Digest> missing(List<Digest> diffIds) {
        return diffIds.stream().filter(diffId -> layers.find(diffId).isEmpty()).toList();
    }

    Lease lease(List<Digest> diffIds) {
        return leases.hold(diffIds);
    }

    /** Whether anything of this repository is here. */
    boolean knowsRepository(ImageReference reference) {
        return names.knowsRepository(reference.name());
    }

    /** The image that this repository had under this digest, if it is still whole. */
    private Optional<ImageRecord> known(ImageReference reference, Digest digest) {
        return names.byName(reference.digestName(digest))
                .filter(image -> image.diffIds().stream()
                        .allMatch(diffId -> layers.find(diffId).isPresent()));
    }

    /**
     * What a pull adds to the catalog.
     *
     * @param manifests that the name leads to, the one it stands for first
     * @param sizeBytes as in {@link ImageRecord}
     */
    record Pulled(
            ImageReference reference,
            ImageId id,
            ImageConfig config,
            List<Descriptor> manifests,
            long sizeBytes,
            Instant at) {}

    /** Writes what the image says about itself; what is there already costs nothing. */
    void write(Map<Digest, byte[]> documents) {
        documents.forEach(layout::write);
    }

    /** Makes the image visible under the name that it was pulled by. Its layers are durable and leased. */
    synchronized ImageRecord publish(Pulled pulled, Map<Digest, byte[]> documents) {
        // Again: a removal of the same image may have taken them since they were written.
        write(documents);
        return publish(pulled);
    }

    private ImageRecord publish(Pulled pulled) {
        var before = names.byId(pulled.id());
        var tags = new TreeSet<String>();
        var digests = new TreeSet<String>();
        before.ifPresent(image -> {
            tags.addAll(image.repoTags());
            digests.addAll(image.repoDigests());
        });
        pulled.reference().tagName().ifPresent(tags::add);
        digests.add(pulled.reference().digestName(pulled.manifests().getFirst().digest()));
        var manifests = new ArrayList<>(before.map(ImageRecord::manifests).orElse(List.of()));
        pulled.manifests().stream()
                .filter(manifest -> !manifests.contains(manifest))
                .forEach(manifests::add);
        var image = new ImageRecord(
                pulled.id(),
                tags,
                digests,
                manifests,
                pulled.sizeBytes(),
                pulled.config(),
                before.map(ImageRecord::pulledAt).orElse(pulled.at()),
                ++generation);
        var previous = pulled.reference().tagName().flatMap(names::byName);
        put(image);
        previous.filter(other -> !other.id().equals(image.id()))
                .ifPresent(other ->
                        put(other.withoutTag(pulled.reference().tagName().orElseThrow(), ++generation)));
        writeIndex();
        return image;
    }

    private void put(ImageRecord image) {
        records.write(image);
        var images = new TreeMap<String, ImageRecord>();
        names.all().forEach(other -> images.put(other.id().toString(), other));
        images.put(image.id().toString(), image);
        names = new ImageNames(images.values());
    }

    /** Adds the reference's tag to an image that is here under the same digest; nothing if it has gone. Writes only what is new. */
    synchronized Optional<ImageRecord> tag(ImageReference reference, Digest digest, Instant at) {
        return known(reference, digest).map(image -> {
            if (reference.tagName().map(image.repoTags()::contains).orElse(true)) {
                return image;
            }
            var manifest = image.manifests().stream()
                    .filter(descriptor -> descriptor.digest().equals(digest))
                    .toList();
            return publish(new Pulled(reference, image.id(), image.config(), manifest, image.sizeBytes(), at));
        });
    }

    /** Removes the image's record, and then the blobs that no other record names. */
    synchronized Optional<ImageRecord> remove(String nameOrId) {
        var found = find(nameOrId);
        if (found.isEmpty()) {
            return found;
        }
        var image = found.get();
        records.remove(image.id());
        names = new ImageNames(names.all().stream()
                .filter(other -> !other.id().equals(image.id()))
                .toList());
        var blobs = new HashSet<Digest>();
        image.manifests().forEach(manifest -> blobs.add(manifest.digest()));
        blobs.add(image.id().digest());
        removeUnusedBlobs(blobs);
        writeIndex();
        return found;
    }

    /** Removes those documents that no record names. Another pull that has just written one writes it again when it publishes. */
    synchronized void removeUnusedBlobs(Set<Digest> candidates) {
        var used = usedBlobs();
        candidates.stream().filter(blob -> !used.contains(blob)).forEach(layout::remove);
    }

    /** Removes what no image, no lease and no container needs of {@code candidates}. */
    void removeUnusedLayers(List<Digest> candidates) {
        leases.removeUnused(layers, candidates, () -> {
            var used = new HashSet<>(containersUse.get());
            names.all().forEach(image -> used.addAll(image.diffIds()));
            return used;
        });
    }

    void keepTimeline(ImageId id, Json.Obj timeline) {
        records.keepTimeline(id, timeline);
    }

    private Set<Digest> usedBlobs() {
        var used = new HashSet<Digest>();
        for (var image : names.all()) {
            used.add(image.id().digest());
            image.manifests().forEach(manifest -> used.add(manifest.digest()));
        }
        return used;
    }

    private void writeIndex() {
        var named = new TreeMap<String, Descriptor>();
        for (var image : names.all()) {
            for (var name : image.repoTags()) {
                var repository = name.substring(0, name.lastIndexOf(':'));
                image.manifests().stream()
                        .filter(manifest -> image.repoDigests().contains(repository + "@" + manifest.digest()))
                        .reduce((earlier, later) -> later)
                        .ifPresent(manifest -> named.put(name, manifest));
            }
        }
        layout.name(named);
    }
}
