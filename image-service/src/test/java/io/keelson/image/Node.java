package io.keelson.image;

import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerLimits;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.registry.RegistrySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The image service of one node, as the daemon puts it together, on a directory of its own. */
final class Node implements AutoCloseable {
    static final RegistrySettings QUICK = new RegistrySettings(
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            3,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    /** For servers that answer, however busy the machine is. */
    static final RegistrySettings PATIENT = new RegistrySettings(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            3,
            Duration.ofMillis(5),
            Duration.ofMillis(50));

    final Path root;
    final LayerStore layers;
    final ImageCatalog catalog;
    final LayerConverter converter;
    final ImagePuller puller;
    final ImageRemover remover;
    PinnedImages pinned = PinnedImages.NONE;
    final Set<Digest> usedByContainers = new HashSet<>();
    private final RegistryClient client;
    private final LayerKind kind;
    private final boolean keepsBlobs;

    Node(Path root) {
        this(root, RegistryConfiguration.empty());
    }

    Node(Path root, RegistryConfiguration registries) {
        this(root, registries, PullSettings.DEFAULT, QUICK);
    }

    Node(Path root, RegistryConfiguration registries, PullSettings settings) {
        this(root, registries, settings, PATIENT);
    }

    private Node(Path root, RegistryConfiguration registries, PullSettings settings, RegistrySettings waiting) {
        this(root, registries, settings, false, new RegistryClient(waiting));
    }

    static Node keepingBlobs(Path root) {
        return new Node(root, RegistryConfiguration.empty(), PullSettings.DEFAULT, true, new RegistryClient(QUICK));
    }

    Node(Path root, RegistryConfiguration registries, RegistryClient client) {
        this(root, registries, PullSettings.DEFAULT, false, client);
    }

    /** The same with another kind of layers. */
    static Node storing(Path root, LayerKind kind) {
        return new Node(
                root, RegistryConfiguration.empty(), PullSettings.DEFAULT, false, kind, new RegistryClient(QUICK));
    }

    private Node(
            Path root,
            RegistryConfiguration registries,
            PullSettings settings,
            boolean keepsBlobs,
            RegistryClient client) {
        this(root, registries, settings, keepsBlobs, LayerKind.EROFS, client);
    }

    private Node(
            Path root,
            RegistryConfiguration registries,
            PullSettings settings,
            boolean keepsBlobs,
            LayerKind kind,
            RegistryClient client) {
        this.kind = kind;
        this.keepsBlobs = keepsBlobs;
        this.root = root;
        this.layers = LayerStore.open(root.resolve("layers"));
        this.catalog = ImageCatalog.open(root, layers, keepsBlobs);
        this.converter = new LayerConverter(layers, LayerLimits.DEFAULT, !keepsBlobs, kind);
        this.client = client;
        this.puller = new ImagePuller(catalog, layers, converter, client, () -> registries, settings);
        this.remover = new ImageRemover(catalog, layers, () -> usedByContainers, _ -> {}, image -> pinned.test(image));
    }

    /** As after a restart of the daemon. */
    Node restarted() {
        close();
        return new Node(
                root, RegistryConfiguration.empty(), PullSettings.DEFAULT, keepsBlobs, kind, new RegistryClient(QUICK));
    }

    ImageImporter importer() {
        return new ImageImporter(catalog, layers, converter, puller, root.resolve("imports"));
    }

    ImageId pull(String reference) {
        return puller.pull(PullRequest.anonymous(reference));
    }

    ImageId pull(String reference, Credentials credentials) {
        return puller.pull(new PullRequest(ImageReference.parse(reference), Optional.of(credentials)));
    }

    /** Every file below the root that belongs to an image or a layer. */
    List<String> files() throws IOException {
        layers.awaitRemovals();
        try (var paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .filter(name -> !name.equals("images/oci-layout") && !name.equals("images/index.json"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
