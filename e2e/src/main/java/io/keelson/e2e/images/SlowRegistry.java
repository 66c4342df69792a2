package io.keelson.e2e.images;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * A registry on loopback of one image, of whose layer it counts what it sends. Until it is told to hurry, the layer comes as a trickle, and
 * of ranges of it only a few come at all.
 */
public final class SlowRegistry implements AutoCloseable {
    private static final int CHUNK_BYTES = 256 << 10;
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Blob> stored = new ConcurrentHashMap<>();
    private final String layer;
    private final AtomicInteger rangesLeft;
    private final AtomicLong sentBytes = new AtomicLong();
    private final CountDownLatch hurry = new CountDownLatch(1);

    /**
     * @param image of one layer
     * @param ranges that come before it hurries
     */
    public SlowRegistry(Image image, int ranges) throws IOException {
        rangesLeft = new AtomicInteger(ranges);
        layer = image.layerBlobs().getFirst().digest();
        image.layerBlobs().forEach(blob -> stored.put(blob.digest(), blob));
        var config = image.config(TestImages.architecture());
        stored.put(config.digest(), config);
        var manifest = image.manifest(TestImages.architecture());
        stored.put("latest", manifest);
        stored.put(manifest.digest(), manifest);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(executor);
        server.createContext("/v2/", this::answer);
        server.start();
    }

    /** The name to pull the image by. */
    public String reference() {
        return "127.0.0.1:" + server.getAddress().getPort() + "/slow:latest";
    }

    /** From now on everything comes at once, but for what somebody waits for since before. Counting begins anew. */
    public void hurry() {
        sentBytes.set(0);
        hurry.countDown();
    }

    /** Of the layer. */
    public long sentBytes() {
        return sentBytes.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath();
            var name = path.substring(path.lastIndexOf('/') + 1);
            var found = stored.get(name);
            if (found == null) {
                exchange.sendResponseHeaders(404, -1);
            } else if (name.equals(layer) && exchange.getRequestMethod().equals("GET")) {
                layer(exchange, found.content());
            } else {
                small(exchange, found);
            }
        }
    }

    private static void small(HttpExchange exchange, Blob blob) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", blob.mediaType());
        exchange.getResponseHeaders().add("Docker-Content-Digest", blob.digest());
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("Content-Length", Integer.toString(blob.content().length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, blob.content().length);
        exchange.getResponseBody().write(blob.content());
    }

    private void layer(HttpExchange exchange, byte[] content) throws IOException {
        var asked = exchange.getRequestHeaders().getFirst("Range");
        var range = RANGE.matcher(asked == null ? "" : asked);
        if (!range.matches()) {
            exchange.sendResponseHeaders(200, content.length);
            send(exchange, content, 0, content.length, PAUSE);
            return;
        }
        if (hurry.getCount() > 0 && rangesLeft.getAndDecrement() <= 0) {
            holdBack();
        }
        var from = Integer.parseInt(range.group(1));
        var to = range.group(2).isEmpty() ? content.length : Integer.parseInt(range.group(2)) + 1;
        exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.length);
        exchange.sendResponseHeaders(206, to - from);
        send(exchange, content, from, to, Duration.ZERO);
    }

    private void holdBack() throws IOException {
        try {
            hurry.await(5, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("whoever asked for this is gone");
    }

    private void send(HttpExchange exchange, byte[] content, int from, int to, Duration pause) throws IOException {
        for (var at = from; at < to; at += CHUNK_BYTES) {
            if (hurry.getCount() > 0) {
                LockSupport.parkNanos(pause.toNanos());
            }
            var length = Math.min(CHUNK_BYTES, to - at);
            exchange.getResponseBody().write(content, at, length);
            sentBytes.addAndGet(length);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
