package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.hosts.Capability;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The endpoints of one pull. Each question goes to the first endpoint that can answer it; one that does not answer is left out for
 * the rest of the pull, except the last. What is asked for by digest has that digest, or is not returned. Thread-safe.
 */
public final class RegistrySession implements Documents {
    /** Largest manifest or index that is read. */
    public static final int MAX_MANIFEST_BYTES = 4 << 20;
    /** Begins the message when no registry answered; kubelet looks for it. */
    public static final String REGISTRY_UNAVAILABLE = "RegistryUnavailable: ";

    private static final String MANIFEST_TYPES = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");
    static final Map<String, String> ACCEPT = Map.of("Accept", MANIFEST_TYPES);

    private final List<RegistryConnection> connections;
    private final RegistrySettings settings;
    private final RegistryHealth health;
    private final Set<RegistryConnection> dead = ConcurrentHashMap.newKeySet();

    RegistrySession(List<RegistryConnection> connections, RegistrySettings settings, RegistryHealth health) {
        this.connections = List.copyOf(connections);
        this.settings = settings;
        this.health = health;
    }

    /** What one endpoint answers. */
    @FunctionalInterface
    interface Attempt<T> {
        T at(RegistryConnection connection, Effort effort);
    }

    /**
     * The digest that a tag, or a digest, stands for; absent if the registry does not say it in a HEAD.
     *
     * @throws Failure ABSENT if there is no such manifest
     */
    public Optional<Digest> resolve(String tagOrDigest) {
        return first("resolve " + tagOrDigest, capability(tagOrDigest), (connection, effort) -> {
            try (var answer = connection.request("HEAD", "manifests/" + tagOrDigest, ACCEPT, effort)) {
                return switch (answer.status()) {
                    case 200 -> headerDigest(connection, answer);
                    case 400, 405, 501 -> Optional.empty();
                    default -> throw unexpected(connection, answer, "manifest " + tagOrDigest);
                };
            }
        });
    }

    /** @throws Failure ABSENT if there is no such manifest, INVALID if its digest is another, EXHAUSTED beyond the limit */
    @Override
    public FetchedManifest manifest(Digest digest) {
        return manifest(digest.toString(), Optional.of(digest));
    }

    /** The manifest that the tag stands for now. */
    public FetchedManifest manifest(String tag) {
        return manifest(tag, Optional.empty());
    }

    private FetchedManifest manifest(String tagOrDigest, Optional<Digest> expected) {
        return first(
                "fetch manifest " + tagOrDigest,
                capability(tagOrDigest),
                (connection, effort) -> manifest(connection, tagOrDigest, expected, effort));
    }

    /** What one registry has under a tag; absent if that is nothing. */
    static Optional<FetchedManifest> find(RegistryConnection connection, String tag, Effort effort) {
        try {
            return Optional.of(manifest(connection, tag, Optional.empty(), effort));
        } catch (Failure e) {
            if (e.kind() == Failure.Kind.ABSENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static FetchedManifest manifest(
            RegistryConnection connection, String tagOrDigest, Optional<Digest> expected, Effort effort) {
        var what = "manifest " + tagOrDigest;
        try (var answer = connection.request("GET", "manifests/" + tagOrDigest, ACCEPT, effort)) {
            if (answer.status() != 200) {
                throw unexpected(connection, answer, what);
            }
            var bytes = Bodies.read(answer, MAX_MANIFEST_BYTES, connection.endpoint() + ": " + what);
            var named = headerDigest(connection, answer);
            var wanted = expected.or(() -> named);
            var actual = Digest.of(wanted.map(Digest::algorithm).orElse("sha256"), bytes);
            if (!actual.equals(wanted.orElse(actual))) {
                throw Failure.invalid(
                        connection.endpoint() + ": " + what + " is not what it says: its digest is " + actual);
            }
            return new FetchedManifest(bytes, contentType(answer), actual);
        } catch (IOException e) {
            throw broken(connection, what, e);
        }
    }

    /** Descriptors of what refers to a manifest: signatures, lists of materials. None if there are none. */
    public List<Json.Obj> referrers(Digest subject) {
        return first(
                "list the referrers of " + subject,
                Capability.REFERRERS,
                (connection, effort) -> Referrers.list(connection, subject, effort));
    }

    /**
     * A small blob, whole.
     *
     * @throws Failure INVALID if it has another size or digest
     */
    @Override
    public byte[] blob(Digest digest, long sizeBytes, int limitBytes) {
        if (sizeBytes > limitBytes) {
            throw Failure.exhausted("blob " + digest + ": larger than " + limitBytes + " bytes");
        }
        while (true) {
            try (var stream = stream(digest, sizeBytes)) {
                try {
                    return stream.readAllBytes();
                } catch (Failure e) {
                    if (!stream.isWorthAnother()) {
                        throw e;
                    }
                } catch (IOException e) {
                    throw Failure.internal("cannot read blob " + digest, e);
                }
            }
        }
    }

    /** A blob of this size as a stream that ends only if size and digest are right. Nothing is asked before its first read. */
    public BlobStream stream(Digest digest, long sizeBytes) {
        return stream(digest, sizeBytes, 0, digest.newHash(), 0);
    }

    /**
     * The same of what is left of a blob whose beginning is here.
     *
     * @param from where that ends
     * @param hash of it
     * @param markBytes as in {@link BlobStream#hashAt}
     */
    public BlobStream stream(Digest digest, long sizeBytes, long from, MessageDigest hash, int markBytes) {
        return new BlobStream(this, digest, sizeBytes, from, hash, markBytes);
    }

    /**
     * For parts of a blob, from all mirrors that answer at the same time. The registry itself is asked where there is no mirror, or none
     * of them sends parts: who has named mirrors wants to spare it.
     */
    public BlobRanges ranges(Digest digest, long sizeBytes) {
        var able = able("fetch blob " + digest, Capability.PULL);
        var now = System.nanoTime();
        var mirrors = able.subList(0, able.size() - 1).stream()
                .filter(mirror -> !dead.contains(mirror) && !health.rests(mirror.endpoint(), now))
                .toList();
        return new BlobRanges(this, settings, mirrors, able.getLast(), "blobs/" + digest, sizeBytes);
    }

    /** Leaves an endpoint out from now on; whether there is another one. */
    public boolean distrust(RegistryEndpoint endpoint) {
        for (var connection : connections.subList(0, connections.size() - 1)) {
            if (connection.endpoint().equals(endpoint)) {
                return dead.add(connection);
            }
        }
        return false;
    }

    RegistryBlob openBlob(Digest digest, long sizeBytes, long offset, Consumer<ByteBuffer> observer) {
        return first(
                "fetch blob " + digest,
                Capability.PULL,
                (connection, effort) -> RegistryBlob.open(connection, digest, sizeBytes, offset, effort, observer));
    }

    private static Capability capability(String tagOrDigest) {
        return tagOrDigest.indexOf(':') >= 0 ? Capability.PULL : Capability.RESOLVE;
    }

    private List<RegistryConnection> able(String what, Capability capability) {
        var able = connections.stream()
                .filter(connection -> connection.endpoint().can(capability))
                .toList();
        if (able.isEmpty()) {
            throw Failure.invalid("cannot " + what + ": no server may be asked for it: " + connections);
        }
        return able;
    }

    private <T> T first(String what, Capability capability, Attempt<T> attempt) {
        var able = able(what, capability);
        var last = able.getLast();
        var reasons = new ArrayList<String>();
        var kind = Failure.Kind.UNAVAILABLE;
        for (var connection : order(able)) {
            try {
                var answer = attempt.at(connection, connection == last ? settings.last() : settings.notLast());
                health.answered(connection.endpoint());
                return answer;
            } catch (Failure e) {
                reasons.add(e.getMessage());
                if (connection == last && e.kind() != Failure.Kind.UNAVAILABLE) {
                    kind = e.kind();
                    break;
                }
                failed(connection, e);
            }
        }
        throw new Failure(kind, message(kind, what, reasons));
    }

    /** Who did not answer is left out from now on. */
    void failed(RegistryConnection connection, Failure failure) {
        switch (failure.kind()) {
            case CANCELLED -> throw failure;
            case UNAVAILABLE -> {
                dead.add(connection);
                health.failed(connection.endpoint(), System.nanoTime());
            }
            default -> {}
        }
    }

    /** Those that did not answer this pull are left out, but the last; those that did not answer others lately come after it. */
    private List<RegistryConnection> order(List<RegistryConnection> able) {
        var now = System.nanoTime();
        var order = new ArrayList<RegistryConnection>();
        var resting = new ArrayList<RegistryConnection>();
        for (var connection : able.subList(0, able.size() - 1)) {
            if (!dead.contains(connection)) {
                (health.rests(connection.endpoint(), now) ? resting : order).add(connection);
            }
        }
        order.add(able.getLast());
        order.addAll(resting);
        return order;
    }

    private static String message(Failure.Kind kind, String what, List<String> reasons) {
        var prefix = kind == Failure.Kind.UNAVAILABLE ? REGISTRY_UNAVAILABLE : "";
        return prefix + "cannot " + what + ": " + String.join("; ", reasons);
    }

    /** The same failure, saying what it stopped; what kubelet looks for stays at the beginning of the message. */
    public static Failure during(Failure failure, String attempt) {
        var text = String.valueOf(failure.getMessage());
        var prefix = text.contains(REGISTRY_UNAVAILABLE) ? REGISTRY_UNAVAILABLE : "";
        return new Failure(failure.kind(), prefix + attempt + ": " + text.replace(REGISTRY_UNAVAILABLE, ""), failure);
    }

    static Failure broken(RegistryConnection connection, String what, IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return new Failure(Failure.Kind.CANCELLED, "interrupted while fetching " + what, e);
        }
        return new Failure(
                Failure.Kind.UNAVAILABLE,
                connection.endpoint() + ": " + what + ": " + String.valueOf(e.getMessage()),
                e);
    }

    static Failure unexpected(RegistryConnection connection, Wire.Answer answer, String what) {
        var text = connection.endpoint() + " answered " + answer.status() + " for " + what + Bodies.error(answer);
        return switch (answer.status()) {
            case 404, 410 -> Failure.absent(connection.endpoint() + " has no " + what);
            case 400, 406 -> Failure.invalid(text);
            default -> Failure.unavailable(text);
        };
    }

    static Optional<Digest> headerDigest(RegistryConnection connection, Wire.Answer answer) {
        var value = answer.header("Docker-Content-Digest");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Digest.parse(value));
        } catch (Failure e) {
            throw e.during(connection.endpoint() + ": Docker-Content-Digest");
        }
    }

    private static String contentType(Wire.Answer answer) {
        var value = answer.header("Content-Type");
        var end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }
}
