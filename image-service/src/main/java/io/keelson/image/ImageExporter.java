package io.keelson.image;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.transfer.DockerArchiveWriter;
import io.keelson.image.transfer.Manifests;
import io.keelson.image.transfer.OciArchiveWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Writes images for other tools. A layer whose blob is kept goes as it came, and the image has the digest that its registry knows, unless
 * its manifest is of Docker's family, which nobody finds in an OCI layout: it is said again in OCI's words. Of one
 * that is not, the same tar is packed anew: the blob has another digest, and so has the manifest; the config, by which the image is
 * known here, and the diffIDs stay.
 */
public final class ImageExporter {
    private static final int BUFFER_BYTES = 1 << 20;

    private final ImageCatalog catalog;

    public ImageExporter(ImageCatalog catalog) {
        this.catalog = catalog;
    }

    /** What is written. */
    public enum Format {
        /** A tar of an OCI image layout. */
        OCI,
        /** An OCI image layout as a directory. */
        DIRECTORY,
        /** What {@code docker save} writes. */
        DOCKER
    }

    /**
     * The image has its tags there as well. Until all is written the target has another name.
     *
     * @throws Failure ABSENT if there is no such image, ALREADY_EXISTS for a target that is there
     */
    public void export(String nameOrId, Path target, Format format) {
        if (Files.exists(target)) {
            throw new Failure(Failure.Kind.ALREADY_EXISTS, "cannot export to " + target + ": it exists");
        }
        var beside = target.resolveSibling("." + target.getFileName() + ".keelson" + DurableFiles.TEMPORARY_SUFFIX);
        var layout = beside.resolveSibling(beside.getFileName() + ".layout");
        try (var held = catalog.hold(nameOrId)
                        .orElseThrow(() -> Failure.absent("image \"" + nameOrId + "\" is not on this node"));
                var undo = new Rollback()) {
            // What an export to the same place left that was killed.
            DurableFiles.deleteTree(beside);
            DurableFiles.deleteTree(layout);
            undo.add("remove " + beside, () -> DurableFiles.deleteTree(beside));
            switch (format) {
                case DOCKER -> docker(held, beside);
                case DIRECTORY -> oci(held, beside);
                case OCI -> {
                    undo.add("remove " + layout, () -> DurableFiles.deleteTree(layout));
                    oci(held, layout);
                    OciArchiveWriter.pack(layout, beside);
                    DurableFiles.deleteTree(layout);
                }
            }
            DurableFiles.publish(beside, target);
            undo.commit();
        } catch (IOException e) {
            throw DurableFiles.failed("export to", target, e);
        }
    }

    private void docker(HeldImage held, Path file) throws IOException {
        var contents = catalog.contents(held);
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            var writer = new DockerArchiveWriter(out);
            writer.config(held.image().id().digest(), catalog.rawConfig(held.image()));
            for (var layer : contents) {
                writer.layer(layer.layer().diffId(), layer.layer().unpackedBytes(), layer::writeTar);
            }
            writer.end(List.copyOf(held.image().repoTags()));
        }
    }

    private void oci(HeldImage held, Path directory) throws IOException {
        var writer = OciArchiveWriter.begin(directory);
        var contents = catalog.contents(held);
        var manifest = catalog.keptManifest(held.image());
        var isWhole = manifest.isPresent();
        var blobs = new ArrayList<Descriptor>();
        for (var layer : contents) {
            blobs.add(
                    isWhole
                            ? writer.blob(layer.kept().orElseThrow(), layer::writeBlob)
                            : writer.gzip(Deflater.BEST_SPEED, layer::writeTar));
        }
        writer.blob(catalog.rawConfig(held.image()), held.image().id().digest());
        if (manifest.isPresent()) {
            writer.end(Manifests.inOciWords(manifest.get()), names(held.image()));
        } else {
            writer.end(held.image().id().digest(), catalog.rawConfig(held.image()).length, blobs, names(held.image()));
        }
    }

    private static List<String> names(ImageRecord image) {
        return List.copyOf(image.repoTags());
    }
}
