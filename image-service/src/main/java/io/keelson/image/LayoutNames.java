package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.reference.Digest;
import io.keelson.image.transfer.ManifestResolver.Document;
import io.keelson.image.transfer.Manifests;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the names of images stand for in the OCI image layout. Other tools find no manifests of Docker's family there, and some cannot choose
 * from an index, of which only one image is here anyway. So a name stands for a manifest of OCI's family where others can read the
 * image at all: that of the image, or one of our own besides, of the same config and layers. Used by one thread at a time.
 */
final class LayoutNames {
    private static final Logger log = LoggerFactory.getLogger(LayoutNames.class);

    private final OciLayout layout;
    private final Function<ImageRecord, Optional<Document>> manifests;
    private final Map<ImageId, Descriptor> made = new HashMap<>();

    /** @param manifests of those images whose layers others can read here */
    LayoutNames(OciLayout layout, Function<ImageRecord, Optional<Document>> manifests) {
        this.layout = layout;
        this.manifests = manifests;
    }

    /** The blob that the layout has of this image besides what it was pulled with, or one of these. */
    Optional<Digest> besides(ImageRecord image) {
        return image.manifests().stream().allMatch(Manifests::isOci)
                ? Optional.empty()
                : inOciWords(image).map(Descriptor::digest);
    }

    /** Writes the layout's index. */
    void write(Collection<ImageRecord> images) {
        made.keySet().retainAll(images.stream().map(ImageRecord::id).collect(Collectors.toSet()));
        var named = new TreeMap<String, Descriptor>();
        for (var image : images) {
            name(image, named);
        }
        layout.name(named);
    }

    private void name(ImageRecord image, Map<String, Descriptor> named) {
        for (var name : image.repoTags()) {
            var repository = name.substring(0, name.lastIndexOf(':'));
            image.manifests().stream()
                    .filter(manifest -> image.repoDigests().contains(repository + "@" + manifest.digest()))
                    .reduce((earlier, later) -> later)
                    .ifPresent(manifest -> named.put(name, readable(image, manifest)));
        }
        if (image.repoTags().isEmpty()) {
            image.repoDigests()
                    .forEach(name -> image.manifests().stream()
                            .filter(manifest -> name.endsWith("@" + manifest.digest()))
                            .forEach(manifest -> named.put(name, readable(image, manifest))));
        }
    }

    private Descriptor readable(ImageRecord image, Descriptor manifest) {
        return Manifests.isOci(manifest) ? manifest : inOciWords(image).orElse(manifest);
    }

    /** Nothing else depends on it: without it the image is here all the same. */
    private Optional<Descriptor> inOciWords(ImageRecord image) {
        var known = made.get(image.id());
        if (known != null && layout.has(known.digest())) {
            return Optional.of(known);
        }
        try {
            var document = manifests.apply(image).map(Manifests::inOciWords);
            document.ifPresent(each -> {
                layout.write(each.descriptor().digest(), each.bytes());
                made.put(image.id(), each.descriptor());
            });
            return document.map(Document::descriptor);
        } catch (Failure e) {
            log.atWarn()
                    .addKeyValue("event", "image-not-readable-by-others")
                    .addKeyValue("image", image.id())
                    .log("{}", e.getMessage());
            return Optional.empty();
        }
    }
}
