package io.keelson.server.images;

import io.keelson.host.lifecycle.WorkListener;
import io.keelson.image.ImageCatalog;
import io.keelson.image.ImageExporter;
import io.keelson.image.ImageImporter;
import io.keelson.image.ImagePuller;
import io.keelson.image.ImagePush;
import io.keelson.image.ImageRemover;
import io.keelson.image.ImageVerifier;
import io.keelson.image.PinnedImages;
import io.keelson.image.PullSettings;
import io.keelson.image.layer.KernelLayers;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.rootfs.RootFilesystems;
import io.keelson.image.transfer.ImagePusher;
import io.keelson.image.transfer.PullTimeline;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.Configuration.KeptBlobs;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The part of the parts list that is about images: the daemon's, and that of a command that runs without one. */
public final class ImageParts implements AutoCloseable {
    private final LayerStore layers;
    private final ImageCatalog catalog;
    private final LayerConverter converter;
    private final RegistryClient registries;
    private final ImagePuller puller;
    private final PinnedImages pinned;
    private final Configuration.Images settings;
    private final Path pushes;
    private final Path imports;

    /** Reads what is there. The caller has locked the directory, which nobody else uses until this is closed. */
    public ImageParts(Configuration configuration) {
        settings = configuration.images();
        pinned = new PinnedImages(settings.pinned());
        var root = configuration.storage().root();
        pushes = root.resolve("pushes");
        imports = root.resolve("imports");
        layers = LayerStore.open(root.resolve("layers"), KernelLayers.hasErofs());
        var keepsBlobs = configuration.images().keepBlobs() == KeptBlobs.COMPRESSED;
        catalog = ImageCatalog.open(root, layers, keepsBlobs);
        converter = new LayerConverter(
                layers,
                configuration.images().layerLimits(),
                !keepsBlobs,
                KernelLayers.choose(configuration.storage().layerStore()));
        registries = Registries.client(configuration.images());
        puller = new ImagePuller(
                catalog,
                layers,
                converter,
                registries,
                () -> Registries.configuration(configuration.images()),
                PullSettings.DEFAULT);
    }

    /**
     * From now on.
     *
     * @param work hears of pulls and of what registries are asked
     * @param pulls of every pull that succeeded
     */
    public void tell(WorkListener work, Consumer<PullTimeline> pulls) {
        registries.tell(work);
        puller.tell(work, pulls);
    }

    /** See {@link RegistryClient#failures}. */
    public long registryFailures(boolean ofMirrors) {
        return registries.failures(ofMirrors);
    }

    public ImageCatalog catalog() {
        return catalog;
    }

    /**
     * Once containers are known.
     *
     * @param usedByContainers as in {@link ImageRemover}
     * @param filesystems where layers are mounted
     */
    public ImageTools tools(Supplier<Set<Digest>> usedByContainers, RootFilesystems filesystems) {
        layers.tellReplaced(filesystems::mountAnew);
        var exporter = new ImageExporter(catalog);
        return new ImageTools(
                catalog,
                layers,
                puller,
                new ImageRemover(
                        catalog,
                        layers,
                        usedByContainers,
                        filesystems::unmountUnused,
                        pinned,
                        settings.unusedLayersAge(),
                        (long) settings.unusedLayersSize() << 20),
                new ImageVerifier(catalog, layers, puller),
                new ImageImporter(catalog, layers, converter, puller, imports),
                exporter,
                new ImagePush(
                        catalog,
                        exporter,
                        new ImagePusher(registries, () -> Registries.configuration(settings)),
                        pushes),
                pinned);
    }

    /** What is done now and then for as long as the daemon runs. */
    public Upkeep upkeep(ImageTools images) {
        return Upkeep.start(images, settings);
    }

    /** What a name, as a user writes it, stands for. */
    public String fullName(String name) {
        return Registries.fullName(settings, name);
    }

    @Override
    public void close() {
        registries.close();
    }
}
