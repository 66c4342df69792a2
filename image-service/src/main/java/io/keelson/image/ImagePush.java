package io.keelson.image;

import io.keelson.host.disk.DurableFiles;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.transfer.ImagePusher;
import io.keelson.image.transfer.ImagePusher.Push;
import io.keelson.image.transfer.ImagePusher.Pushed;
import io.keelson.image.transfer.LayoutContent;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Sends an image of this node to a registry: from where it lies, if its blobs are kept. Otherwise it is put together as an OCI image
 * layout first, since layers have to be packed anew, and their digests are in the manifest.
 */
public final class ImagePush {
    private final ImageCatalog catalog;
    private final ImageExporter exporter;
    private final ImagePusher pusher;
    private final Path work;
    private final AtomicLong sequence = new AtomicLong();

    /** @param work a directory of its own; what an earlier daemon left there is removed */
    public ImagePush(ImageCatalog catalog, ImageExporter exporter, ImagePusher pusher, Path work) {
        this.catalog = catalog;
        this.exporter = exporter;
        this.pusher = pusher;
        this.work = work;
        DurableFiles.deleteTree(work);
    }

    /**
     * With the credentials that the node has for the registry.
     *
     * @throws io.keelson.host.failure.Failure ABSENT if the image is not here, or as {@link ImagePusher#push}
     */
    public Pushed push(String nameOrId, ImageReference target) {
        var image = catalog.get(nameOrId);
        var kept = catalog.keptManifest(image);
        if (kept.isPresent()) {
            var content = new LayoutContent(catalog.layoutDirectory());
            return pusher.push(
                    new Push(target, kept.get().descriptor(), content, sources(image, target), Optional.empty()));
        }
        DurableFiles.mkdirs(work);
        var layout = work.resolve(String.valueOf(sequence.incrementAndGet()));
        try {
            exporter.export(nameOrId, layout, ImageExporter.Format.DIRECTORY);
            var content = new LayoutContent(layout);
            return pusher.push(new Push(target, content.top(), content, sources(image, target), Optional.empty()));
        } finally {
            DurableFiles.deleteTree(layout);
        }
    }

    /** Where the same registry has the image already, most likely with its layers. */
    private static List<String> sources(ImageRecord image, ImageReference target) {
        return Stream.concat(image.repoTags().stream(), image.repoDigests().stream())
                .map(ImageReference::parse)
                .filter(name -> name.registry().equals(target.registry())
                        && !name.repository().equals(target.repository()))
                .map(ImageReference::repository)
                .distinct()
                .toList();
    }
}
