package io.keelson.image.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** A registry on loopback that does as it is told, well or badly, and remembers what it was asked. */
public final class FakeRegistry implements AutoCloseable {
    /** One request as it came. */
    public record Request(String method, String path, String authorization, String range) {
        public boolean isBlob() {
            return method.equals("GET") && path.contains("/blobs/");
        }
    }

    /** Answers instead of the registry; true if it did. */
    @FunctionalInterface
    public interface Fault {
        boolean answers(HttpExchange exchange) throws IOException;
    }

    private record Stored(byte[] bytes, String contentType) {}

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Stored> manifests = new ConcurrentHashMap<>();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final List<Fault> faults = Collections.synchronizedList(new ArrayList<>());
    private final ConcurrentLinkedQueue<Request> requests = new ConcurrentLinkedQueue<>();
    private volatile Optional<String> requiredAuthorization = Optional.empty();
    private volatile String challenge = "";

    public FakeRegistry() throws IOException {
        this(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    private FakeRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        server.start();
    }

    /** One that speaks TLS of these versions. */
    public static FakeRegistry secure(SSLContext context, String... versions) throws IOException {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                var ssl = context.getDefaultSSLParameters();
                ssl.setProtocols(versions);
                parameters.setSSLParameters(ssl);
            }
        });
        return new FakeRegistry(server);
    }

    /** {@code 127.0.0.1:port}. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public FakeRegistry manifest(String reference, byte[] bytes, String contentType) {
        manifests.put(reference, new Stored(bytes, contentType));
        manifests.put(Digest.of("sha256", bytes).toString(), new Stored(bytes, contentType));
        return this;
    }

    public FakeRegistry blob(byte[] bytes) {
        return blobAs(Digest.of("sha256", bytes), bytes);
    }

    /** Bytes under a digest that need not be theirs. */
    public FakeRegistry blobAs(Digest digest, byte[] bytes) {
        blobs.put(digest.toString(), bytes);
        return this;
    }

    public FakeRegistry without(Digest blob) {
        blobs.remove(blob.toString());
        return this;
    }

    /** Asks for this Authorization, with this WWW-Authenticate. */
    public FakeRegistry protectedBy(String authorization, String wwwAuthenticate) {
        requiredAuthorization = Optional.of(authorization);
        challenge = wwwAuthenticate;
        return this;
    }

    public FakeRegistry fault(Fault fault) {
        faults.add(fault);
        return this;
    }

    /** Answers with this status, as often as said, to paths that contain the text. */
    public FakeRegistry failing(String pathPart, int status, int times, String... headers) {
        var left = new AtomicInteger(times);
        return fault(exchange -> {
            if (!exchange.getRequestURI().toString().contains(pathPart) || left.getAndDecrement() <= 0) {
                return false;
            }
            for (var i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            answer(
                    exchange,
                    status,
                    "{\"errors\":[{\"code\":\"TEST\",\"message\":\"told to fail\"}]}".getBytes(StandardCharsets.UTF_8));
            return true;
        });
    }

    /** Sends only so many bytes of a blob and breaks the connection, as often as said. */
    public FakeRegistry breaking(Digest blob, int afterBytes, int times) {
        var left = new AtomicInteger(times);
        return fault(exchange -> {
            if (!exchange.getRequestURI().getPath().endsWith(blob.toString()) || left.getAndDecrement() <= 0) {
                return false;
            }
            var bytes = blobs.get(blob.toString());
            var start = rangeStart(exchange);
            exchange.sendResponseHeaders(start > 0 ? 206 : 200, bytes.length - start);
            exchange.getResponseBody().write(bytes, start, Math.min(afterBytes, bytes.length - start));
            exchange.getResponseBody().flush();
            throw new IOException("told to break");
        });
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    public List<Request> blobRequests() {
        return requests.stream().filter(Request::isBlob).toList();
    }

    public void forgetRequests() {
        requests.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var headers = exchange.getRequestHeaders();
            var authorization =
                    Optional.ofNullable(headers.getFirst("Authorization")).orElse("");
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    authorization,
                    Optional.ofNullable(headers.getFirst("Range")).orElse("")));
            for (var fault : List.copyOf(faults)) {
                if (fault.answers(exchange)) {
                    return;
                }
            }
            if (requiredAuthorization.isPresent()
                    && !requiredAuthorization.get().equals(authorization)) {
                exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
                answer(exchange, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}".getBytes(StandardCharsets.UTF_8));
                return;
            }
            serve(exchange);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var name = path.substring(path.lastIndexOf('/') + 1);
        if (path.contains("/manifests/") && manifests.containsKey(name)) {
            var stored = manifests.get(name);
            exchange.getResponseHeaders().add("Content-Type", stored.contentType());
            exchange.getResponseHeaders()
                    .add(
                            "Docker-Content-Digest",
                            Digest.of("sha256", stored.bytes()).toString());
            answer(exchange, 200, stored.bytes());
        } else if (path.contains("/blobs/") && blobs.containsKey(name)) {
            var bytes = blobs.get(name);
            var range = exchange.getRequestHeaders().getFirst("Range");
            if (range == null) {
                answer(exchange, 200, bytes);
            } else {
                part(exchange, bytes, rangeStart(exchange), rangeEnd(exchange, bytes.length));
            }
        } else {
            answer(exchange, path.equals("/v2/") ? 200 : 404, new byte[0]);
        }
    }

    private static int rangeStart(HttpExchange exchange) {
        var range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    }

    /** What is not asked for any more. */
    private static int rangeEnd(HttpExchange exchange, int length) {
        var range = exchange.getRequestHeaders().getFirst("Range");
        var last = range.substring(range.indexOf('-') + 1);
        return last.isEmpty() ? length : Integer.parseInt(last) + 1;
    }

    private static void part(HttpExchange exchange, byte[] bytes, int from, int to) throws IOException {
        exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + bytes.length);
        answer(exchange, 206, Arrays.copyOfRange(bytes, from, to));
    }

    /** An answer with a body. */
    public static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().add("Content-Length", String.valueOf(body.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
