package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Optional;

/** Sending to one repository (distribution specification, "Push"). Thread-safe. */
public final class PushSession {
    private final RegistryConnection connection;
    private final Effort effort;

    PushSession(RegistryConnection connection, Effort effort) {
        this.connection = connection;
        this.effort = effort;
    }

    /** What the registry said to a manifest. */
    public record Accepted(Digest digest, boolean keepsReferrers) {}

    public boolean hasBlob(Digest digest) {
        return has("blobs/" + digest, Map.of());
    }

    public boolean hasManifest(Digest digest) {
        return has("manifests/" + digest, RegistrySession.ACCEPT);
    }

    private boolean has(String path, Map<String, String> headers) {
        try (var answer = connection.request("HEAD", path, headers, effort)) {
            return switch (answer.status()) {
                case 200 -> true;
                case 404, 405 -> false;
                default -> throw RegistrySession.unexpected(connection, answer, path);
            };
        }
    }

    /**
     * Takes a blob over from another repository of the same registry, without sending it.
     *
     * @return whether that worked; it is up to the registry
     */
    public boolean mount(Digest digest, String fromRepository) {
        var path = "blobs/uploads/?mount=" + digest + "&from=" + fromRepository;
        try (var answer = connection.request("POST", path, Map.of(), nothing(), effort)) {
            if (answer.status() == 202) {
                // It offers an upload instead, which is not needed: another is begun, for the answer to be one in any
                // case.
                cancel(BlobUpload.location(connection, answer));
            }
            return answer.status() == 201;
        }
    }

    private void cancel(String upload) {
        try (var answer = connection.request("DELETE", upload, Map.of(), effort)) {
            answer.drain();
        } catch (Failure e) {
            if (e.kind() == Failure.Kind.CANCELLED) {
                throw e;
            }
            // Registries end uploads that nobody goes on with.
        }
    }

    /** Sends a blob; when this returns, the registry has it and has checked its digest. */
    public void upload(Digest digest, long sizeBytes, BlobSource source) {
        new BlobUpload(connection, effort, digest, sizeBytes, source).run();
    }

    /**
     * @param tagOrDigest to be had by
     * @throws Failure INVALID if the registry does not take it, or calls it by another digest
     */
    public Accepted manifest(String tagOrDigest, byte[] bytes, String mediaType) {
        var payload = new Exchange.Payload(HttpRequest.BodyPublishers.ofByteArray(bytes), true);
        var path = "manifests/" + tagOrDigest;
        try (var answer =
                connection.request("PUT", path, Map.of("Content-Type", mediaType), Optional.of(payload), effort)) {
            if (answer.status() != 201 && answer.status() != 200) {
                throw RegistrySession.unexpected(connection, answer, "manifest " + tagOrDigest);
            }
            var named = RegistrySession.headerDigest(connection, answer);
            var actual = Digest.of(named.map(Digest::algorithm).orElse("sha256"), bytes);
            if (!named.orElse(actual).equals(actual)) {
                throw Failure.invalid(
                        connection.endpoint() + " calls manifest " + actual + " by another digest: " + named.get());
            }
            return new Accepted(actual, !answer.header("OCI-Subject").isEmpty());
        }
    }

    /** What the tag stands for now; absent if there is none. */
    public Optional<FetchedManifest> find(String tag) {
        return RegistrySession.find(connection, tag, effort);
    }

    static Optional<Exchange.Payload> nothing() {
        return Optional.of(new Exchange.Payload(HttpRequest.BodyPublishers.noBody(), true));
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}
