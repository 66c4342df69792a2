package io.keelson.image;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.HostPlatform;
import io.keelson.image.blob.ManifestDocument;
import io.keelson.image.compression.Compression;
import io.keelson.image.layer.Advance;
import io.keelson.image.layer.CountedInput;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.layer.StageTimes;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Documents;
import io.keelson.image.registry.FetchedManifest;
import io.keelson.image.transfer.Archive;
import io.keelson.image.transfer.DockerArchive;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import io.keelson.image.transfer.ManifestResolver;
import io.keelson.image.transfer.ManifestResolver.Document;
import io.keelson.image.transfer.ManifestResolver.Resolved;
import io.keelson.image.transfer.Manifests;
import io.keelson.image.transfer.PullProgress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Takes images from files: an OCI image layout, as a directory or a tar, or what {@code docker save} writes. What an archive says is
 * believed no more than what a registry says: every part has the digest by which it is named, or the import fails and leaves nothing.
 */
public final class ImageImporter {
    private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String OCI_TAR = "application/vnd.oci.image.layer.v1.tar";
    private static final String NAME = "org.opencontainers.image.ref.name";
    private static final String CONTAINERD_NAME = "io.containerd.image.name";
    private static final Digest SHA_256 = Digest.of("sha256", new byte[0]);

    private final ImageCatalog catalog;
    private final LayerStore layers;
    private final LayerConverter converter;
    private final ImagePuller puller;
    private final Path work;
    private final ManifestResolver resolver = new ManifestResolver(HostPlatform.detect());
    private final InstantSource clock = InstantSource.system();

    /**
     * @param puller whose layers, and whose room on disk, are shared
     * @param work a directory of its own, for archives that are packed; what an earlier daemon left there is removed
     */
    public ImageImporter(
            ImageCatalog catalog, LayerStore layers, LayerConverter converter, ImagePuller puller, Path work) {
        this.catalog = catalog;
        this.layers = layers;
        this.converter = converter;
        this.puller = puller;
        this.work = work;
        DurableFiles.deleteTree(work);
    }

    /** A layer's blob in an archive. */
    private record Part(String file, Descriptor blob, Digest diffId) {
        Wanted wanted() {
            return new Wanted(blob, diffId);
        }

        long bytes() {
            return blob.sizeBytes();
        }
    }

    /** What an image is made of. */
    private record Contents(ImageConfig config, List<Part> parts, Resolved resolved) {}

    /**
     * All images of the archive that have names, or the only one by the name that is given.
     *
     * @param advance is told how far it is with the layers
     * @return ids, in the archive's order
     * @throws Failure INVALID for what is no such archive, or has no image for this machine
     */
    public List<ImageId> importFrom(Path path, Optional<ImageReference> name, Advance advance) {
        try (var archive = Archive.at(path, work)) {
            var index = archive.read("index.json", ManifestResolver.MAX_CONFIG_BYTES);
            if (archive.size("oci-layout").isPresent() && index.isPresent()) {
                return oci(archive, Json.parseObject(index.get()), name, advance);
            }
            return docker(
                    archive,
                    DockerArchive.find(archive)
                            .orElseThrow(() ->
                                    Failure.invalid("it is neither an OCI image layout nor what docker save writes")),
                    name,
                    advance);
        } catch (Failure e) {
            throw e.during("cannot import " + path);
        }
    }

    private List<ImageId> oci(Archive archive, Json.Obj index, Optional<ImageReference> name, Advance advance) {
        var entries = index.objects("manifests");
        var images =
                entries.stream().map(entry -> entry.text("digest")).distinct().count();
        if (name.isPresent() && images != 1) {
            throw Failure.invalid("it has " + images + " images, and one name was given");
        }
        var ids = new LinkedHashSet<ImageId>();
        for (var entry : name.isPresent() ? entries.subList(0, 1) : entries) {
            var reference = name.or(() -> nameOf(entry));
            if (reference.isPresent()) {
                ids.add(oci(archive, Descriptor.parse(entry), reference.get(), advance));
            }
        }
        if (ids.isEmpty()) {
            throw Failure.invalid("none of its " + images + " images has a whole name; give one");
        }
        return List.copyOf(ids);
    }

    /** Many layouts have but a tag in the place of the name. */
    private static Optional<ImageReference> nameOf(Json.Obj entry) {
        var annotations = entry.has("annotations") ? entry.textMap("annotations") : Map.<String, String>of();
        return Optional.ofNullable(annotations.get(CONTAINERD_NAME))
                .or(() -> Optional.ofNullable(annotations.get(NAME)).filter(text -> text.matches(".*[/:].*")))
                .map(ImageReference::parse)
                .filter(reference -> reference.tagName().isPresent());
    }

    private ImageId oci(Archive archive, Descriptor top, ImageReference reference, Advance advance) {
        var documents = new Documents() {
            @Override
            public FetchedManifest manifest(Digest digest) {
                var bytes = document(archive, digest);
                return new FetchedManifest(bytes, "", digest);
            }

            @Override
            public byte[] blob(Digest digest, long sizeBytes, int limitBytes) {
                return document(archive, digest);
            }
        };
        var resolved = resolver.resolve(
                documents, new FetchedManifest(document(archive, top.digest()), top.mediaType(), top.digest()));
        var config = checked(resolved.config());
        var parts = new ArrayList<Part>();
        for (var blob : resolved.manifest().layers()) {
            requireLayers(config, resolved.manifest().layers().size());
            parts.add(new Part(file(blob.digest()), blob, config.diffIds().get(parts.size())));
        }
        return store(archive, reference, new Contents(config, parts, resolved), advance);
    }

    private static String file(Digest digest) {
        return "blobs/" + digest.algorithm() + "/" + digest.hex();
    }

    private static byte[] document(Archive archive, Digest digest) {
        var bytes = archive.read(file(digest), ManifestResolver.MAX_CONFIG_BYTES)
                .orElseThrow(() -> Failure.absent("it has no blob " + digest));
        var actual = Digest.of(digest.algorithm(), bytes);
        if (!actual.equals(digest)) {
            throw Failure.invalid("blob " + digest + " is not what it says: its digest is " + actual);
        }
        return bytes;
    }

    private ImageConfig checked(byte[] bytes) {
        var config = ConfigFile.parse(bytes);
        resolver.checkPlatform(config.platform());
        return config;
    }

    private static void requireLayers(ImageConfig config, int blobs) {
        if (config.diffIds().size() != blobs) {
            throw Failure.invalid("the image has " + blobs + " layers, and its config names "
                    + config.diffIds().size());
        }
    }

    private List<ImageId> docker(Archive archive, DockerArchive table, Optional<ImageReference> name, Advance advance) {
        if (name.isPresent() && table.images().size() != 1) {
            throw Failure.invalid("it has " + table.images().size() + " images, and one name was given");
        }
        var ids = new ArrayList<ImageId>();
        for (var image : table.images()) {
            var names = name.map(List::of)
                    .orElseGet(() ->
                            image.tags().stream().map(ImageReference::parse).toList());
            if (!names.isEmpty()) {
                ids.add(docker(archive, image, names, advance));
            }
        }
        if (ids.isEmpty()) {
            throw Failure.invalid("none of its " + table.images().size() + " images has a name; give one");
        }
        return ids;
    }

    /** There is no manifest: one is made that says what is there. */
    private ImageId docker(Archive archive, DockerArchive.Image image, List<ImageReference> names, Advance advance) {
        var configBytes = archive.read(image.config(), ManifestResolver.MAX_CONFIG_BYTES)
                .orElseThrow(() -> Failure.absent("it has no file " + image.config()));
        var config = checked(configBytes);
        requireLayers(config, image.layers().size());
        var parts = new ArrayList<Part>();
        for (var file : image.layers()) {
            parts.add(new Part(file, describe(archive, file), config.diffIds().get(parts.size())));
        }
        var configDescriptor = new Descriptor(OCI_CONFIG, Digest.of("sha256", configBytes), configBytes.length);
        var blobs = parts.stream().map(Part::blob).toList();
        var bytes = Manifests.write(configDescriptor, blobs);
        var document = new Document(
                new Descriptor("application/vnd.oci.image.manifest.v1+json", Digest.of("sha256", bytes), bytes.length),
                bytes);
        var manifest = (ManifestDocument.Manifest)
                ManifestDocument.parse(bytes, document.descriptor().mediaType());
        var id = new ImageId(configDescriptor.digest());
        for (var name : names) {
            var resolved = new Resolved(List.of(document), manifest, configBytes);
            id = store(archive, name, new Contents(config, parts, resolved), advance);
        }
        return id;
    }

    private static Descriptor describe(Archive archive, String file) {
        var hash = SHA_256.newHash();
        try (var in = archive.open(file)) {
            var first = in.readNBytes(2);
            hash.update(first);
            new DigestInputStream(in, hash).transferTo(OutputStream.nullOutputStream());
            var isGzip = first.length == 2 && first[0] == 0x1F && first[1] == (byte) 0x8B;
            return new Descriptor(
                    isGzip ? OCI_TAR + "+gzip" : OCI_TAR,
                    SHA_256.sameKind(hash),
                    archive.size(file).orElseThrow());
        } catch (IOException e) {
            throw Failure.internal("cannot read " + file, e);
        }
    }

    /** As a pull: layers first, the record last; what a failure leaves is taken back. */
    private ImageId store(Archive archive, ImageReference reference, Contents contents, Advance advance) {
        var config = contents.config();
        var parts = contents.parts();
        var resolved = contents.resolved();
        var missing = catalog.missing(config.diffIds());
        var progress = new PullProgress();
        progress.expect(parts.stream().map(Part::wanted).toList());
        try (var _ = catalog.lease(config.diffIds());
                var _ = puller.space().reserve(progress)) {
            advance.expect(parts.stream().mapToLong(Part::bytes).sum());
            var bytes = 0L;
            for (var part : parts) {
                var begin = advance.done();
                bytes += puller.fetcher()
                        .share(part.wanted(), progress, () -> layer(archive, part, advance))
                        .sizeBytes();
                advance.reach(begin + part.bytes());
            }
            var documents = documents(resolved);
            catalog.write(documents);
            var size = bytes
                    + documents.values().stream()
                            .mapToLong(document -> document.length)
                            .sum();
            var pulled = new ImageCatalog.Pulled(
                    reference,
                    new ImageId(resolved.manifest().config().digest()),
                    config,
                    resolved.chain().stream().map(Document::descriptor).toList(),
                    size,
                    clock.instant());
            return catalog.publish(pulled, documents).id();
        } catch (Failure e) {
            catalog.removeUnusedLayers(missing);
            catalog.removeUnusedBlobs(documents(resolved).keySet());
            catalog.removeUnusedBlobs(
                    parts.stream().map(part -> part.blob().digest()).collect(Collectors.toSet()));
            throw e;
        }
    }

    private static Map<Digest, byte[]> documents(Resolved resolved) {
        var documents = new LinkedHashMap<Digest, byte[]>();
        resolved.chain().forEach(document -> documents.put(document.descriptor().digest(), document.bytes()));
        documents.put(resolved.manifest().config().digest(), resolved.config());
        return documents;
    }

    private Layer layer(Archive archive, Part part, Advance advance) {
        var kept = catalog.keptBlobs();
        // Without its blob, if it is here.
        var existing = layers.findSound(part.diffId());
        var hash = part.blob().digest().newHash();
        try (var in = new DigestInputStream(new CountedInput(archive.open(part.file()), advance::spend), hash)) {
            if (kept.isEmpty()) {
                return checked(part, convert(in, part, existing), in);
            }
            try (var incoming = kept.get().receive(part.blob().digest())) {
                var layer = checked(part, convert(incoming.through(in), part, existing), in);
                incoming.keep();
                return layer;
            }
        } catch (IOException e) {
            throw Failure.internal("cannot read " + part.file(), e);
        }
    }

    private Layer convert(InputStream in, Part part, Optional<Layer> existing) throws IOException {
        if (existing.isPresent()) {
            in.transferTo(OutputStream.nullOutputStream());
            return existing.get();
        }
        var compression = Compression.ofMediaType(part.blob().mediaType());
        return converter.convert(in, compression, part.diffId(), new StageTimes());
    }

    /** The layer has its own digest, whatever its wrapping; the wrapping has one too. */
    private static Layer checked(Part part, Layer layer, DigestInputStream read) throws IOException {
        read.transferTo(OutputStream.nullOutputStream());
        var actual = part.blob().digest().sameKind(read.getMessageDigest());
        if (!actual.equals(part.blob().digest())) {
            throw Failure.invalid(part.file() + " is not what it says: its digest is " + actual);
        }
        return layer;
    }
}
