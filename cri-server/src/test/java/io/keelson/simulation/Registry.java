package io.keelson.simulation;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A registry in this process. */
final class Registry implements AutoCloseable {
    /** The words of a family of images. */
    private record Words(String manifest, String config, String layer) {
        static final Words OCI = new Words(
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.oci.image.layer.v1.tar");
        static final Words DOCKER = new Words(
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.docker.container.image.v1+json",
                "application/vnd.docker.image.rootfs.diff.tar");
    }

    private static final int BLOCK_BYTES = 512;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Map<String, List<String>> documents = new ConcurrentHashMap<>();
    private volatile Consumer<List<String>> asked = _ -> {};

    Registry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(executor);
        server.createContext("/", this::answer);
        server.start();
    }

    /** @param listener told the digests of the documents of an image that is asked for, in hexadecimal digits */
    void whenAsked(Consumer<List<String>> listener) {
        asked = listener;
    }

    /** The tag from now on means an image with one layer, which has one file with this text. */
    String put(String tag, String text) {
        return put(tag, text, Words.OCI);
    }

    /** The same in words of Docker's. */
    String putOfDocker(String tag, String text) {
        return put(tag, text, Words.DOCKER);
    }

    private String put(String tag, String text, Words words) {
        var tar = tar("file", text.getBytes(StandardCharsets.UTF_8));
        var config = Json.object()
                .put("os", "linux")
                .put("architecture", System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64")
                .put("config", Json.object().putTexts("Cmd", List.of("/file")))
                .put("rootfs", Json.object().put("type", "layers").putTexts("diff_ids", List.of(digest(tar))))
                .build()
                .toBytes();
        var manifest = Json.object()
                .put("schemaVersion", 2)
                .put("mediaType", words.manifest())
                .put("config", descriptor(words.config(), config))
                .putAll("layers", List.of(descriptor(words.layer(), tar)))
                .build()
                .toBytes();
        documents.put(digest(manifest), List.of(hex(config), hex(manifest)));
        contents.put("/v2/app/blobs/" + digest(tar), tar);
        contents.put("/v2/app/blobs/" + digest(config), config);
        contents.put("/v2/app/manifests/" + digest(manifest), manifest);
        contents.put("/v2/app/manifests/" + tag, manifest);
        return name(tag);
    }

    String name(String tag) {
        return "127.0.0.1:" + server.getAddress().getPort() + "/app:" + tag;
    }

    private static Json.Obj descriptor(String mediaType, byte[] bytes) {
        return Json.object()
                .put("mediaType", mediaType)
                .put("digest", digest(bytes))
                .put("size", bytes.length)
                .build();
    }

    private static String digest(byte[] bytes) {
        return Digest.of("sha256", bytes).toString();
    }

    private static String hex(byte[] bytes) {
        return Digest.of("sha256", bytes).hex();
    }

    private static byte[] tar(String name, byte[] content) {
        var header = new byte[BLOCK_BYTES];
        put(header, 0, name);
        put(
                header,
                100,
                "0000644\0" + "0000000\0" + "0000000\0" + "%011o\0".formatted(content.length) + "00000000000\0");
        put(header, 148, "        0");
        put(header, 257, "ustar\00000");
        var sum = 0;
        for (var each : header) {
            sum += each & 0xFF;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        var tar = new ByteArrayOutputStream();
        tar.writeBytes(header);
        tar.writeBytes(content);
        tar.writeBytes(new byte[(-content.length & (BLOCK_BYTES - 1)) + 2 * BLOCK_BYTES]);
        return tar.toByteArray();
    }

    private static void put(byte[] header, int at, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var bytes = contents.get(path);
            if (bytes == null) {
                exchange.sendResponseHeaders(path.equals("/v2/") ? 200 : 404, -1);
                return;
            }
            if (path.contains("/manifests/")) {
                asked.accept(documents.get(digest(bytes)));
                exchange.getResponseHeaders()
                        .add("Content-Type", Json.parseObject(bytes).text("mediaType"));
                exchange.getResponseHeaders().add("Docker-Content-Digest", digest(bytes));
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().add("Content-Length", Integer.toString(bytes.length));
                exchange.sendResponseHeaders(200, -1);
            } else {
                exchange.sendResponseHeaders(200, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
