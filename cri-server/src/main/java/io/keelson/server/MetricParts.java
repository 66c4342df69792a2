package io.keelson.server;

import io.keelson.image.Finding.Outcome;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodState;
import io.keelson.pod.container.ContainerFilter;
import io.keelson.pod.container.ContainerState;
import io.keelson.server.config.Configuration;
import io.keelson.server.http.HttpDoor;
import io.keelson.server.http.Page;
import io.keelson.server.http.Served;
import io.keelson.server.images.ImageParts;
import io.keelson.server.images.ImageTools;
import io.keelson.server.metrics.DaemonMetrics;
import io.keelson.server.rpc.Health;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of the parts list that tells Prometheus, where somebody is to ask. */
final class MetricParts {
    private static final Logger log = LoggerFactory.getLogger(MetricParts.class);

    private MetricParts() {}

    static void serve(
            DaemonMetrics metrics,
            Configuration configuration,
            PodParts node,
            ImageParts imageParts,
            ImageTools images,
            Parts parts) {
        states(metrics, node);
        troubles(metrics, node, imageParts, images);
        metrics.bytes("keelson.image.disk.usage", "Room that images take.", images::usedBytes);
        parts.add(metrics.listen(node.events()));
        offer(metrics, configuration, parts);
    }

    private static void states(DaemonMetrics metrics, PodParts node) {
        metrics.states(
                "keelson.pods",
                "Pods by state.",
                counts(
                        PodState.values(),
                        state -> () -> node.podVerbs()
                                .catalog()
                                .list(new PodFilter("", Optional.of(state), Map.of()))
                                .size()));
        metrics.states(
                "keelson.containers",
                "Containers by state.",
                counts(
                        ContainerState.Kind.values(),
                        state -> () -> node.containers()
                                .list(new ContainerFilter("", "", Optional.of(state), Map.of()))
                                .size()));
    }

    private static void troubles(DaemonMetrics metrics, PodParts node, ImageParts imageParts, ImageTools images) {
        metrics.counts(
                "keelson.registry.failures",
                "How often a server of images did not answer, by whether it is a mirror.",
                "role",
                Map.of(
                        "mirror", () -> imageParts.registryFailures(true),
                        "registry", () -> imageParts.registryFailures(false)));
        metrics.counts(
                "keelson.image.repairs",
                "Damaged layers and documents, by whether they could be brought again.",
                "outcome",
                Map.of(
                        "repaired", () -> images.verifier().count(Outcome.REPAIRED),
                        "damaged", () -> images.verifier().count(Outcome.DAMAGED)));
        metrics.counts(
                "keelson.monitors.lost",
                "Containers whose monitor ended without saying how they did.",
                "",
                Map.of("", node.ends()::lostMonitors));
        metrics.counts(
                "keelson.event.subscribers.lost",
                "Subscribers that were too slow, and were told so.",
                "",
                Map.of("", node.events()::lostSubscribers));
        metrics.numbers(
                "keelson.records.set.aside",
                "What of our own on disk could not be used, and nobody has deleted yet, by what it was of.",
                "kind",
                Map.of(
                        "pods", () -> node.setAside().list().size(),
                        "layers", () -> images.layers().setAside().list().size(),
                        "images", () -> images.catalog().setAside().list().size()));
        metrics.numbers(
                "keelson.queue.length",
                "What waits: layers for their turn, events for the slowest of their subscribers.",
                "queue",
                Map.of("layers", images.puller()::waitingLayers, "events", node.events()::longestQueue));
    }

    private static void offer(DaemonMetrics metrics, Configuration configuration, Parts parts) {
        var address = configuration.metrics().address().orElseThrow();
        var health = parts.add(new Health(configuration.server().socket()));
        parts.add(HttpDoor.start(
                address,
                Served.of(Map.of(
                                "/metrics",
                                metrics.page(),
                                "/healthz",
                                () -> Page.health(health.healthz()),
                                "/readyz",
                                () -> Page.health(health.readyz())))
                        .encrypted(configuration.metrics().encryption())));
        log.atInfo()
                .addKeyValue("event", "metrics")
                .addKeyValue("address", address)
                .log("tells Prometheus");
    }

    private static <E extends Enum<E>> Map<String, LongSupplier> counts(E[] states, Function<E, LongSupplier> count) {
        return Arrays.stream(states)
                .collect(Collectors.toMap(state -> state.name().toLowerCase(Locale.ROOT), count));
    }
}
