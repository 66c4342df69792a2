package io.keelson.e2e.images;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry on loopback that serves whatever it was given, under any digest; registries that check would not take it. */
public final class MemoryRegistry implements AutoCloseable {
    private record Stored(String contentType, String encoding, byte[] content) {}

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Stored> stored = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile Gate gate = new Gate("", 0, new CountDownLatch(0));

    /** Of requests for paths that have the part in them, all but the first few. */
    private record Gate(String part, int passing, CountDownLatch opening) {}

    public MemoryRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.createContext("/v2/", this::answer);
        server.start();
    }

    /** Puts an image there with one tag; answers the name to pull it by. */
    public String put(String repository, Image image) {
        image.layerBlobs().forEach(blob -> putBlob(repository, blob.digest(), blob.content()));
        var config = image.config(TestImages.architecture());
        putBlob(repository, config.digest(), config.content());
        var manifest = image.manifest(TestImages.architecture());
        return putManifest(repository, "latest", manifest.mediaType(), manifest.content());
    }

    /** The same as BuildKit pushes it, with a statement beside the image. */
    public String putAttested(String repository, Image image) {
        put(repository, image);
        var documents = new BuildKitIndex(image).documents();
        documents.forEach(document -> {
            putBlob(repository, document.digest(), document.content());
            putManifest(repository, document.digest(), document.mediaType(), document.content());
        });
        var index = documents.getLast();
        return putManifest(repository, "latest", index.mediaType(), index.content());
    }

    /** Layers over nothing, with a program's name that need not be there. */
    public String put(String repository, List<Layer> layers) {
        return put(repository, Image.of(layers, "sh"));
    }

    void putBlob(String repository, String digest, byte[] content) {
        stored.put("/v2/" + repository + "/blobs/" + digest, new Stored("application/octet-stream", "", content));
    }

    /** Answers the name to pull it by. */
    String putManifest(String repository, String reference, String contentType, byte[] content) {
        return putEncoded(repository, reference, new Stored(contentType, "", content));
    }

    /** The same, said to be encoded (RFC 9110, "Content-Encoding"), for which nobody has asked. */
    String putEncoded(String repository, String contentType, String encoding, byte[] content) {
        return putEncoded(repository, "latest", new Stored(contentType, encoding, content));
    }

    private String putEncoded(String repository, String reference, Stored manifest) {
        stored.put("/v2/" + repository + "/manifests/" + reference, manifest);
        var separator = reference.startsWith("sha256:") ? "@" : ":";
        return address() + "/" + repository + separator + reference;
    }

    /**
     * From now on nobody gets anything whose path has this in it, but for the first few that ever asked for such, until
     * {@link #letGo}.
     */
    public void hold(String part, int passing) {
        gate = new Gate(part, passing, new CountDownLatch(1));
    }

    public void letGo() {
        gate.opening().countDown();
    }

    /** The paths with this in them that were asked for, in order. */
    public List<String> requests(String part) {
        return requests.stream().filter(path -> path.contains(part)).toList();
    }

    /** Takes a repository away. */
    public void forget(String repository) {
        stored.keySet().removeIf(path -> path.startsWith("/v2/" + repository + "/"));
    }

    private String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var found = stored.get(exchange.getRequestURI().getPath());
            if (found == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().add("Content-Type", found.contentType());
            if (!found.encoding().isEmpty()) {
                exchange.getResponseHeaders().add("Content-Encoding", found.encoding());
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().add("Content-Length", Integer.toString(found.content().length));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            awaitGate(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(200, found.content().length);
            // In pieces: the server makes a buffer of twice the length of each.
            new ByteArrayInputStream(found.content()).transferTo(exchange.getResponseBody());
        }
    }

    private void awaitGate(String path) throws IOException {
        requests.add(path);
        var now = gate;
        if (!path.contains(now.part()) || requests(now.part()).size() <= now.passing()) {
            return;
        }
        try {
            now.opening().await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(path);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
