package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.SingleFlight;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.HostPlatform;
import io.keelson.image.layer.LayerConverter;
import io.keelson.image.layer.LayerStore;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.FetchedManifest;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.registry.RegistrySession;
import io.keelson.image.transfer.LayerFetcher;
import io.keelson.image.transfer.LayerFetcher.Fetched;
import io.keelson.image.transfer.LayerFetcher.Wanted;
import io.keelson.image.transfer.ManifestResolver;
import io.keelson.image.transfer.ManifestResolver.Document;
import io.keelson.image.transfer.ManifestResolver.Resolved;
import io.keelson.image.transfer.PartsPlace;
import io.keelson.image.transfer.PullTimeline;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings images from registries: reference, endpoints, manifest, config, layers, record. Only the record makes the image visible,
 * and it is written when all that it names is durable. A pull that can never succeed takes back the layers that it brought; one
 * that a retry may finish leaves them to it, until the next removal of an image or the next start.
 *
 * <p>Every pull asks the registry, whatever is here already: whether this user may have the image is for the registry to say.
 */
public final class ImagePuller {
    private static final Logger log = LoggerFactory.getLogger(ImagePuller.class);

    /** After these the same pull comes again, and layers that are whole stay for it. */
    private static final Set<Failure.Kind> RETRIED =
            Set.of(Failure.Kind.UNAVAILABLE, Failure.Kind.CANCELLED, Failure.Kind.TIMEOUT);

    private final ImageCatalog catalog;
    private final RegistryClient client;
    private final Supplier<RegistryConfiguration> registries;
    private final ManifestResolver resolver;
    private final LayerFetcher fetcher;
    private final PullSpace space;
    private final InstantSource clock;
    private volatile WorkListener work = WorkListener.NONE;
    private volatile Consumer<PullTimeline> finished = _ -> {};
    private final Set<PullTimeline> running = ConcurrentHashMap.newKeySet();
    private final SingleFlight<PullRequest, ImageId> flights = new SingleFlight<>();

    /** @param registries asked at each pull, so that a changed file counts from then on */
    public ImagePuller(
            ImageCatalog catalog,
            LayerStore layers,
            LayerConverter converter,
            RegistryClient client,
            Supplier<RegistryConfiguration> registries,
            PullSettings settings) {
        this.catalog = catalog;
        this.client = client;
        this.registries = registries;
        this.resolver = new ManifestResolver(HostPlatform.detect());
        this.space = new PullSpace(
                layers::freeBytes,
                layers::awaitRemovals,
                diffId -> layers.findSound(diffId).isEmpty(),
                catalog.partialBlobs()::outstandingBytes);
        this.fetcher = new LayerFetcher(
                layers,
                converter,
                catalog.keptBlobs(),
                new PartsPlace(catalog.partialBlobs(), space::forParts, settings.ranges()),
                settings.parallelLayers(),
                diffId -> catalog.removeUnusedLayers(List.of(diffId)));
        this.clock = InstantSource.system();
    }

    /**
     * The image is whole and durable when this returns. An interrupt of the caller stops the work, unless others wait for the same.
     *
     * @throws Failure UNAVAILABLE beginning with {@code RegistryUnavailable: } if no registry answered; UNAUTHENTICATED, DENIED,
     *     ABSENT as the registry says; INVALID for an image that can never run here; EXHAUSTED for one beyond the limits
     */
    public ImageId pull(PullRequest request) {
        var pulling = new Work(WorkListener.Kind.PULL, request.reference().toString(), "pull");
        if (flights.isFlying(request)) {
            work.joined(pulling);
        }
        return flights.run(request, () -> {
            try {
                return work.around(pulling, () -> pullOnce(request));
            } catch (Failure e) {
                throw RegistrySession.during(e, "cannot pull " + request.reference());
            }
        });
    }

    /**
     * From now on.
     *
     * @param listener hears of pulls, and of their steps and layers
     * @param ended of those that succeeded
     */
    public void tell(WorkListener listener, Consumer<PullTimeline> ended) {
        work = listener;
        fetcher.tell(listener);
        finished = ended;
    }

    /** How many layers of all pulls wait for their turn. */
    public int waitingLayers() {
        return fetcher.waiting();
    }

    private ImageId pullOnce(PullRequest request) {
        var reference = request.reference();
        var timeline = new PullTimeline(reference.toString(), clock.instant());
        running.add(timeline);
        try {
            return pullOnce(request, timeline);
        } finally {
            running.remove(timeline);
        }
    }

    /** With the registries that have the reference. */
    RegistrySession open(PullRequest request) {
        return client.open(registries.get().endpoints(request.reference()), request.credentials());
    }

    LayerFetcher fetcher() {
        return fetcher;
    }

    PullSpace space() {
        return space;
    }

    /** How far the pulls of this reference are; of all that run, if it is empty. */
    public List<Json.Obj> running(String reference) {
        var asked = reference.isEmpty() ? "" : nameOf(reference);
        return running.stream()
                .filter(timeline -> timeline.isOf(asked))
                .map(PullTimeline::running)
                .toList();
    }

    /** What is no reference is pulled by nobody. */
    private static String nameOf(String reference) {
        try {
            return ImageReference.parse(reference).toString();
        } catch (Failure e) {
            return reference;
        }
    }

    private ImageId pullOnce(PullRequest request, PullTimeline timeline) {
        var reference = request.reference();
        var session = open(request);
        var asked = step(timeline, "resolve", () -> resolve(session, reference));
        var known = asked.flatMap(digest -> catalog.tag(reference, digest, clock.instant()));
        var image = known.orElseGet(() -> bring(session, reference, asked, timeline));
        timeline.step("record");
        if (known.isEmpty()) {
            catalog.keepTimeline(image.id(), timeline.toJson());
        }
        finished.accept(timeline);
        log.atInfo()
                .addKeyValue("event", "image-pulled")
                .addKeyValue("image", image.id())
                .addKeyValue("reference", reference)
                .addKeyValue("micros", timeline.totalMicros())
                .addKeyValue("known", known.isPresent())
                .log("pulled {}", reference);
        return image.id();
    }

    private <T> T step(PullTimeline timeline, String name, Supplier<T> doing) {
        var result = work.step(timeline.reference(), name, doing);
        timeline.step(name);
        return result;
    }

    /** What the reference stands for: its digest, else one HEAD where that may save a pull, else nothing yet. */
    private Optional<Digest> resolve(RegistrySession session, ImageReference reference) {
        var name = reference.digest().map(Digest::toString).or(reference::tag).orElseThrow();
        if (!catalog.knowsRepository(reference)) {
            return reference.digest();
        }
        var said = session.resolve(name);
        return reference.digest().or(() -> said);
    }

    private ImageRecord bring(
            RegistrySession session, ImageReference reference, Optional<Digest> asked, PullTimeline timeline) {
        var resolved = step(timeline, "manifest", () -> resolver.resolve(session, top(session, reference, asked)));
        var config = ConfigFile.parse(resolved.config());
        resolver.checkPlatform(config.platform());
        var wanted = wanted(resolved, config);
        var missing = catalog.missing(config.diffIds());
        try {
            return publish(session, reference, resolved, config, wanted, timeline);
        } catch (Failure e) {
            if (!RETRIED.contains(e.kind())) {
                catalog.removeUnusedLayers(missing);
                catalog.removeUnusedBlobs(documents(resolved).keySet());
                catalog.removeUnusedBlobs(
                        wanted.stream().map(layer -> layer.blob().digest()).collect(Collectors.toSet()));
            }
            throw e;
        }
    }

    private ImageRecord publish(
            RegistrySession session,
            ImageReference reference,
            Resolved resolved,
            ImageConfig config,
            List<Wanted> wanted,
            PullTimeline timeline) {
        timeline.progress().expect(wanted);
        try (var _ = catalog.lease(config.diffIds());
                var _ = space.reserve(timeline.progress())) {
            var fetched = step(timeline, "layers", () -> fetch(session, resolved, wanted, timeline));
            timeline.layers(fetched.stream().map(Fetched::times).toList());
            var pulled = new ImageCatalog.Pulled(
                    reference,
                    new ImageId(resolved.manifest().config().digest()),
                    config,
                    resolved.chain().stream().map(Document::descriptor).toList(),
                    size(resolved, fetched),
                    clock.instant());
            return catalog.publish(pulled, documents(resolved));
        }
    }

    private static FetchedManifest top(RegistrySession session, ImageReference reference, Optional<Digest> asked) {
        return asked.map(session::manifest)
                .orElseGet(() -> session.manifest(reference.tag().orElseThrow()));
    }

    private static List<Wanted> wanted(Resolved resolved, ImageConfig config) {
        var blobs = resolved.manifest().layers();
        if (blobs.size() != config.diffIds().size()) {
            throw Failure.invalid("image has " + blobs.size() + " layers, and its config names "
                    + config.diffIds().size());
        }
        var wanted = new ArrayList<Wanted>();
        for (var i = 0; i < blobs.size(); i++) {
            wanted.add(new Wanted(blobs.get(i), config.diffIds().get(i)));
        }
        return wanted;
    }

    /** Layers from the network, and beside them the documents onto disk. */
    private List<Fetched> fetch(
            RegistrySession session, Resolved resolved, List<Wanted> wanted, PullTimeline timeline) {
        Callable<List<Fetched>> layers = () -> fetcher.fetch(session, wanted, timeline.progress());
        Callable<List<Fetched>> documents = () -> {
            catalog.write(documents(resolved));
            return List.of();
        };
        return Forks.join(List.of(layers, documents)).getFirst();
    }

    private static Map<Digest, byte[]> documents(Resolved resolved) {
        var documents = new LinkedHashMap<Digest, byte[]>();
        resolved.chain().forEach(document -> documents.put(document.descriptor().digest(), document.bytes()));
        documents.put(resolved.manifest().config().digest(), resolved.config());
        return documents;
    }

    private static long size(Resolved resolved, List<Fetched> fetched) {
        var documents = resolved.chain().stream()
                .map(Document::descriptor)
                .mapToLong(Descriptor::sizeBytes)
                .sum();
        var layers = fetched.stream()
                .map(Fetched::layer)
                .distinct()
                .mapToLong(layer -> layer.sizeBytes())
                .sum();
        return documents + resolved.config().length + layers;
    }
}
