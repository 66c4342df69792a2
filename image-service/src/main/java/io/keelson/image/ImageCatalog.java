package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.record.SetAside;
import io.keelson.image.LayerLeases.Lease;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.ManifestDocument;
import io.keelson.image.blob.ManifestDocument.Manifest;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.blob.PartialBlobs;
import io.keelson.image.layer.IoBudget;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import io.keelson.image.transfer.ManifestResolver.Document;
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
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images on this node. Questions are answered from memory, without a lock. Changes are made by one thread at a time, on disk
 * first and then in memory: an image that is listed is durable, and one whose removal returned is gone.
 */
public final class ImageCatalog {
    private static final Logger log = LoggerFactory.getLogger(ImageCatalog.class);

    private final OciLayout layout;
    private final RecordDirectory records;
    private final LayerStore layers;
    private final PartialBlobs partials;
    private final boolean keepsBlobs;
    private final LayoutNames layoutNames;
    private final LayerLeases leases = new LayerLeases();
    private volatile ImageNames names;
    private volatile Supplier<Set<Digest>> containersUse = Set::of;
    private long generation;

    private ImageCatalog(
            OciLayout layout, RecordDirectory records, LayerStore layers, PartialBlobs partials, boolean keepsBlobs) {
        this.layout = layout;
        this.partials = partials;
        this.keepsBlobs = keepsBlobs;
        this.layoutNames =
                new LayoutNames(layout, image -> keepsBlobs ? manifestDocument(image) : Optional.<Document>empty());
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
     * @param root holds {@code images} (the OCI layout), {@code image-records} and {@code partial-blobs}
     */
    public static ImageCatalog open(Path root, LayerStore layers) {
        return open(root, layers, false);
    }

    /**
     * The same.
     *
     * @param keepsBlobs whether layers' blobs are kept in the layout, as they came, beside the layer files; blobs of an earlier
     *     choice are removed
     */
    public static ImageCatalog open(Path root, LayerStore layers, boolean keepsBlobs) {
        var layout = OciLayout.open(root.resolve("images"));
        var catalog = new ImageCatalog(
                layout,
                RecordDirectory.open(root),
                layers,
                PartialBlobs.open(root.resolve("partial-blobs")),
                keepsBlobs);
        layout.retain(catalog.usedBlobs());
        catalog.rewriteIndex();
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

    /** @throws Failure ABSENT, or INVALID if it is no name of an image */
    public ImageRecord get(String nameOrId) {
        return find(nameOrId).orElseThrow(() -> Failure.absent("image \"" + nameOrId + "\" is not on this node"));
    }

    /** The records that could not be used. */
    public SetAside setAside() {
        return records.setAside();
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

    /** Where blobs are kept; absent if they are not. */
    Optional<OciLayout> keptBlobs() {
        return keepsBlobs ? Optional.of(layout) : Optional.empty();
    }

    /** Large blobs that pulls have begun. */
    PartialBlobs partialBlobs() {
        return partials;
    }

    /** Of manifests, configs and kept blobs. */
    public long documentBytes() {
        return layout.usedBytes();
    }

    /** Room that parts of layers take which are not here yet. */
    public long partialBytes() {
        return partials.usedBytes();
    }

    /** The digests of the image's layers as they came, where those are kept. */
    private List<Digest> layerBlobs(ImageRecord image) {
        return keepsBlobs
                ? manifest(image).stream()
                        .flatMap(manifest -> manifest.layers().stream())
                        .map(Descriptor::digest)
                        .toList()
                : List.of();
    }

    /** What the image says about itself: its manifests and its config. */
    List<Digest> documents(ImageRecord image) {
        var documents = new ArrayList<>(
                image.manifests().stream().map(Descriptor::digest).toList());
        documents.add(image.id().digest());
        return documents;
    }

    /** Why a document on disk is not what its name says; empty if it is. */
    List<String> documentTrouble(Digest digest) {
        try {
            return layout.find(digest).isPresent() ? List.of() : List.of("it is missing");
        } catch (Failure e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** The manifest that leads to the image's config; empty if it is damaged. */
    Optional<Manifest> manifest(ImageRecord image) {
        return manifestDocument(image).map(document -> (Manifest)
                ManifestDocument.parse(document.bytes(), document.descriptor().mediaType()));
    }

    /** The layers of an image for somebody else, lowest first. */
    List<LayerContents> contents(HeldImage held) {
        var blobs = manifest(held.image()).map(Manifest::layers).orElse(List.of());
        var contents = new ArrayList<LayerContents>();
        for (var layer : held.layers()) {
            var blob = blobs.size() == held.layers().size()
                    ? Optional.of(blobs.get(contents.size()))
                    : Optional.<Descriptor>empty();
            contents.add(new LayerContents(layout, layer, blob));
        }
        return contents;
    }

    /** The same as it lies on disk. */
    Optional<Document> manifestDocument(ImageRecord image) {
        for (var descriptor : image.manifests()) {
            try {
                var bytes = layout.find(descriptor.digest());
                if (bytes.isPresent()
                        && ManifestDocument.parse(bytes.get(), descriptor.mediaType()) instanceof Manifest manifest
                        && manifest.config().digest().equals(image.id().digest())) {
                    return Optional.of(new Document(descriptor, bytes.get()));
                }
            } catch (Failure e) {
                // Another one may lead there as well.
                log.atDebug().addKeyValue("event", "manifest-damaged").log("{}", e.getMessage());
            }
        }
        return Optional.empty();
    }

    /** The manifest, if the blobs of all its layers are kept as they came. */
    Optional<Document> keptManifest(ImageRecord image) {
        return manifestDocument(image)
                .filter(_ -> manifest(image).stream()
                        .flatMap(manifest -> manifest.layers().stream())
                        .allMatch(blob -> layout.has(blob.digest())));
    }

    /** The OCI image layout, for who only reads. */
    Path layoutDirectory() {
        return layout.directory();
    }

    /** The layers whose blobs are here: one that is not yet is brought by a pull. */
    List<Wanted> keptLayers(ImageRecord image) {
        var blobs = keepsBlobs ? manifest(image).map(Manifest::layers).orElse(List.of()) : List.<Descriptor>of();
        return IntStream.range(0, Math.min(blobs.size(), image.diffIds().size()))
                .mapToObj(
                        number -> new Wanted(blobs.get(number), image.diffIds().get(number)))
                .filter(layer -> layout.holds(layer.blob().digest()))
                .toList();
    }

    /** Why a layer's blob is not what its name says; from then on it is no longer here for who wants it. */
    List<String> blobTrouble(Digest digest, IoBudget budget) {
        return layout.trouble(digest, budget::spend).stream().toList();
    }

    /** Which layers are under containers is known to those who come later; from then on they are asked at each removal. */
    void containersUse(Supplier<Set<Digest>> diffIds) {
        containersUse = diffIds;
    }

    /** Those that are not here. */
    List<Digest> missing(List<Digest> diffIds) {
        return diffIds.stream()
                .filter(diffId -> layers.findSound(diffId).isEmpty())
                .toList();
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
                        .allMatch(diffId -> layers.findSound(diffId).isPresent()))
                .filter(image -> layerBlobs(image).stream().allMatch(layout::has));
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

    /**
     * Gives an image that is here one more name, as if it had been pulled by it.
     *
     * @throws Failure ABSENT if it is not here, INVALID if the name has a digest
     */
    public synchronized ImageRecord tag(String nameOrId, ImageReference name) {
        if (name.tagName().isEmpty()) {
            throw Failure.invalid("cannot tag an image as " + name + ": a name with a digest belongs to the content");
        }
        var image = get(nameOrId);
        if (image.repoTags().contains(name.tagName().get())) {
            return image;
        }
        var manifest = image.manifests().subList(0, 1);
        return publish(new Pulled(name, image.id(), image.config(), manifest, image.sizeBytes(), image.pulledAt()));
    }

    /** Removes the image's record, and then the blobs that no other record names. */
    synchronized Optional<ImageRecord> remove(String nameOrId) {
        var found = find(nameOrId);
        if (found.isEmpty()) {
            return found;
        }
        var image = found.get();
        var ofLayers = layerBlobs(image);
        var besides = layoutNames.besides(image);
        records.remove(image.id());
        names = new ImageNames(names.all().stream()
                .filter(other -> !other.id().equals(image.id()))
                .toList());
        var blobs = new HashSet<Digest>();
        image.manifests().forEach(manifest -> blobs.add(manifest.digest()));
        blobs.add(image.id().digest());
        blobs.addAll(ofLayers);
        besides.ifPresent(blobs::add);
        removeUnusedBlobs(blobs);
        rewriteIndex();
        return found;
    }

    /**
     * A removal goes on without it, so that a full disk gets room again, and so does a start: the next change, or the next start, writes it.
     */
    private void rewriteIndex() {
        try {
            writeIndex();
        } catch (Failure e) {
            log.atWarn().addKeyValue("event", "image-index-not-written").log("{}", e.getMessage());
        }
    }

    /** Removes those documents that no record names. Another pull that has just written one writes it again when it publishes. */
    synchronized void removeUnusedBlobs(Set<Digest> candidates) {
        var used = usedBlobs();
        candidates.stream().filter(blob -> !used.contains(blob)).forEach(layout::remove);
    }

    /** Layers that neither an image nor a container stands on; a pull may be about to. */
    List<Layer> unusedLayers() {
        var used = usedLayers();
        return layers.list().stream()
                .filter(layer -> !used.contains(layer.diffId()))
                .toList();
    }

    private Set<Digest> usedLayers() {
        var used = new HashSet<>(containersUse.get());
        names.all().forEach(image -> used.addAll(image.diffIds()));
        return used;
    }

    /** Removes what no image, no lease and no container needs of {@code candidates}. */
    void removeUnusedLayers(List<Digest> candidates) {
        leases.removeUnused(layers, candidates, this::usedLayers, containersUse);
    }

    void keepTimeline(ImageId id, Json.Obj timeline) {
        records.keepTimeline(id, timeline);
    }

    private Set<Digest> usedBlobs() {
        var used = new HashSet<Digest>();
        for (var image : names.all()) {
            used.add(image.id().digest());
            image.manifests().forEach(manifest -> used.add(manifest.digest()));
            used.addAll(layerBlobs(image));
            layoutNames.besides(image).ifPresent(used::add);
        }
        return used;
    }

    private void writeIndex() {
        layoutNames.write(names.all());
    }
}
