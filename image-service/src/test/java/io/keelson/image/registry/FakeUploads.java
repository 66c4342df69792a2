package io.keelson.image.registry;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.FakeRegistry.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** Makes a {@link FakeRegistry} take what is pushed to it. */
public final class FakeUploads implements Fault {
    private static final Pattern MOUNT = Pattern.compile("mount=([^&]+)&from=([^&]+)");

    private final FakeRegistry registry;
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    private final Map<String, String> tags = new ConcurrentHashMap<>();
    private final Set<String> mountable = ConcurrentHashMap.newKeySet();
    private final AtomicInteger sequence = new AtomicInteger();
    private volatile boolean keepsReferrers;

    public FakeUploads(FakeRegistry registry) {
        this.registry = registry;
    }

    /** A repository that has this blob. */
    public FakeUploads mountable(String repository, Digest blob) {
        mountable.add(repository + "@" + blob);
        return this;
    }

    public FakeUploads keepingReferrers() {
        keepsReferrers = true;
        return this;
    }

    /** As after a restart of a registry that keeps uploads in memory. */
    void forgetUploads() {
        uploads.clear();
    }

    /** What the tag stands for. */
    public String tag(String name) {
        return tags.getOrDefault(name, "");
    }

    @Override
    public boolean answers(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var method = exchange.getRequestMethod();
        if (path.contains("/blobs/uploads/")) {
            upload(exchange, method, path.substring(path.lastIndexOf('/') + 1));
            return true;
        }
        if (method.equals("PUT") && path.contains("/manifests/")) {
            manifest(exchange, path.substring(path.lastIndexOf('/') + 1));
            return true;
        }
        return false;
    }

    private void upload(HttpExchange exchange, String method, String id) throws IOException {
        if (method.equals("POST")) {
            begin(exchange);
            return;
        }
        var upload = uploads.get(id);
        if (upload == null) {
            FakeRegistry.answer(exchange, 404, error("BLOB_UPLOAD_UNKNOWN"));
            return;
        }
        switch (method) {
            case "PATCH" -> patch(exchange, upload);
            case "PUT" -> finish(exchange, upload);
            case "GET" -> {
                exchange.getResponseHeaders().add("Range", "0-" + (upload.size() - 1));
                FakeRegistry.answer(exchange, 204, new byte[0]);
            }
            default -> {
                uploads.remove(id);
                FakeRegistry.answer(exchange, 204, new byte[0]);
            }
        }
    }

    private void begin(HttpExchange exchange) throws IOException {
        var mount = MOUNT.matcher(String.valueOf(exchange.getRequestURI().getQuery()));
        if (mount.find() && mountable.contains(mount.group(2) + "@" + mount.group(1))) {
            FakeRegistry.answer(exchange, 201, new byte[0]);
            return;
        }
        var id = "u" + sequence.incrementAndGet();
        uploads.put(id, new ByteArrayOutputStream());
        exchange.getResponseHeaders().add("Location", "/v2/app/blobs/uploads/" + id + "?_state=s" + id);
        FakeRegistry.answer(exchange, 202, new byte[0]);
    }

    private static void patch(HttpExchange exchange, ByteArrayOutputStream upload) throws IOException {
        var bytes = exchange.getRequestBody().readAllBytes();
        var range = exchange.getRequestHeaders().getFirst("Content-Range");
        if (range != null && !range.equals(upload.size() + "-" + (upload.size() + bytes.length - 1))) {
            FakeRegistry.answer(exchange, 416, error("RANGE_INVALID"));
            return;
        }
        upload.writeBytes(bytes);
        exchange.getResponseHeaders().add("Location", exchange.getRequestURI().toString());
        FakeRegistry.answer(exchange, 202, new byte[0]);
    }

    private void finish(HttpExchange exchange, ByteArrayOutputStream upload) throws IOException {
        upload.writeBytes(exchange.getRequestBody().readAllBytes());
        var query = exchange.getRequestURI().getQuery();
        var digest = query.substring(query.indexOf("digest=") + "digest=".length());
        if (!Digest.of("sha256", upload.toByteArray()).toString().equals(digest)) {
            FakeRegistry.answer(exchange, 400, error("DIGEST_INVALID"));
            return;
        }
        registry.blob(upload.toByteArray());
        FakeRegistry.answer(exchange, 201, new byte[0]);
    }

    private void manifest(HttpExchange exchange, String name) throws IOException {
        var bytes = exchange.getRequestBody().readAllBytes();
        var digest = Digest.of("sha256", bytes).toString();
        var subject = Json.parseObject(bytes).findObject("subject");
        registry.manifest(name, bytes, exchange.getRequestHeaders().getFirst("Content-Type"));
        tags.put(name, digest);
        if (keepsReferrers) {
            subject.ifPresent(object -> exchange.getResponseHeaders().add("OCI-Subject", object.text("digest")));
        }
        exchange.getResponseHeaders().add("Docker-Content-Digest", digest);
        FakeRegistry.answer(exchange, 201, new byte[0]);
    }

    private static byte[] error(String code) {
        return ("{\"errors\":[{\"code\":\"" + code + "\"}]}").getBytes(StandardCharsets.UTF_8);
    }
}
