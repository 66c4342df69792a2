package io.keelson.e2e.images;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** A registry on loopback to push to (OCI distribution specification, "Pushing"); plain HTTP, no authentication. */
public final class Registry implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;

    private final URI root;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** For example {@code 127.0.0.1:5051}. */
    public Registry(String hostAndPort) {
        root = URI.create("http://" + hostAndPort + "/");
    }

    /** Pushes an image for all architectures below a list, under each of the tags; answers the list's digest. */
    public String push(String repository, List<String> tags, Image image, List<String> architectures)
            throws IOException, InterruptedException {
        pushParts(repository, image, architectures);
        var list = image.list(architectures);
        for (var tag : tags) {
            putManifest(repository, tag, list);
        }
        return list.digest();
    }

    /** Pushes an image for one architecture with no list on top; answers the manifest's digest. */
    public String pushPlain(String repository, List<String> tags, Image image, String architecture)
            throws IOException, InterruptedException {
        pushParts(repository, image, List.of(architecture));
        var manifest = image.manifest(architecture);
        for (var tag : tags) {
            putManifest(repository, tag, manifest);
        }
        return manifest.digest();
    }

    private void pushParts(String repository, Image image, List<String> architectures)
            throws IOException, InterruptedException {
        for (var layer : image.layerBlobs()) {
            putBlob(repository, layer);
        }
        for (var architecture : architectures) {
            putBlob(repository, image.config(architecture));
            var manifest = image.manifest(architecture);
            putManifest(repository, manifest.digest(), manifest);
        }
    }

    private void putBlob(String repository, Blob blob) throws IOException, InterruptedException {
        var there = send(request("v2/" + repository + "/blobs/" + blob.digest()).HEAD());
        if (there.statusCode() == OK) {
            return;
        }
        var begun = expect(
                ACCEPTED, send(request("v2/" + repository + "/blobs/uploads/").POST(BodyPublishers.noBody())));
        var location = begun.headers().firstValue("Location").orElseThrow();
        var separator = location.contains("?") ? "&" : "?";
        expect(
                CREATED,
                send(request(location + separator + "digest=" + blob.digest())
                        .header("Content-Type", "application/octet-stream")
                        .PUT(BodyPublishers.ofByteArray(blob.content()))));
    }

    private void putManifest(String repository, String reference, Blob manifest)
            throws IOException, InterruptedException {
        expect(
                CREATED,
                send(request("v2/" + repository + "/manifests/" + reference)
                        .header("Content-Type", manifest.mediaType())
                        .PUT(BodyPublishers.ofByteArray(manifest.content()))));
    }

    private HttpRequest.Builder request(String location) {
        return HttpRequest.newBuilder(root.resolve(location)).timeout(TIMEOUT);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> expect(int status, HttpResponse<String> response) throws IOException {
        if (response.statusCode() != status) {
            throw new IOException("%s %s: %d instead of %d: %s"
                    .formatted(
                            response.request().method(),
                            response.uri(),
                            response.statusCode(),
                            status,
                            response.body()));
        }
        return response;
    }

    @Override
    public void close() {
        http.close();
    }
}
