package io.keelson.image.registry;

import com.sun.net.httpserver.HttpExchange;
import io.keelson.host.json.Json;
import io.keelson.image.registry.FakeRegistry.Request;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A registry service on loopback with {@link Quirks}: the registry, its token server, and the store that it redirects to. */
public final class QuirkyRegistry implements AutoCloseable {
    private static final String TOKEN = "a-token";

    public final FakeRegistry registry = new FakeRegistry();
    private final FakeRegistry tokens;
    private final FakeRegistry store = new FakeRegistry();
    private final Quirks quirks;

    public QuirkyRegistry(Quirks quirks) throws IOException {
        this.quirks = quirks;
        this.tokens = quirks.ownTokenHost() ? registry : new FakeRegistry();
        tokens.fault(this::token);
        registry.fault(this::guard);
        store.fault(QuirkyRegistry::refuseAuthorization);
    }

    /** The registry and what is behind it have the same blobs. */
    public QuirkyRegistry blob(byte[] bytes) {
        registry.blob(bytes);
        store.blob(bytes);
        return this;
    }

    public String name(String tag) {
        return registry.host() + "/" + quirks.repository() + ":" + tag;
    }

    /** What came without the registry's or token server's wish. */
    public List<Request> requestsToTheStore() {
        return store.requests();
    }

    public long tokensAsked() {
        return quirks.tokenPath().isEmpty()
                ? 0
                : tokens.requests().stream()
                        .filter(request -> request.path().startsWith(quirks.tokenPath()))
                        .count();
    }

    public void forgetRequests() {
        Stream.of(registry, tokens, store).forEach(FakeRegistry::forgetRequests);
    }

    private boolean token(HttpExchange exchange) throws IOException {
        if (quirks.tokenPath().isEmpty() || !exchange.getRequestURI().getPath().equals(quirks.tokenPath())) {
            return false;
        }
        if (!grants(exchange)) {
            answer(exchange, quirks.refusal(), "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}");
            return true;
        }
        var answer = Json.object().put("expires_in", 300);
        quirks.tokenFields().forEach(field -> answer.put(field, TOKEN));
        answer(exchange, 200, new String(answer.build().toBytes(), StandardCharsets.UTF_8));
        return true;
    }

    private boolean grants(HttpExchange exchange) throws IOException {
        var given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
        var user = quirks.user();
        if (exchange.getRequestMethod().equals("POST")) {
            var form = URLDecoder.decode(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                    StandardCharsets.UTF_8);
            return quirks.grants() == Quirks.Grant.REFRESH_TOKEN
                    && !user.identityToken().isEmpty()
                    && form.contains("grant_type=refresh_token")
                    && form.contains("scope=repository:" + quirks.repository() + ":pull")
                    && form.endsWith("refresh_token=" + user.identityToken());
        }
        var query = exchange.getRequestURI().getQuery();
        var hasScope = query.contains("scope=repository:" + quirks.repository() + ":pull");
        return hasScope
                && (quirks.grants() == Quirks.Grant.ANYBODY
                        ? given.isEmpty()
                        : given.equals(Optional.of(user.basicHeader())));
    }

    private boolean guard(HttpExchange exchange) throws IOException {
        quirks.headers().forEach(exchange.getResponseHeaders()::add);
        var wanted = quirks.tokenPath().isEmpty() ? quirks.user().basicHeader() : "Bearer " + TOKEN;
        var given = exchange.getRequestHeaders().getFirst("Authorization");
        if (wanted.equals(given)) {
            return redirect(exchange);
        }
        if (given != null && given.startsWith("Basic ") && quirks.tokenPath().isEmpty()) {
            answer(exchange, quirks.refusal(), "Your authorization token has expired. Reauthenticate and try again.");
            return true;
        }
        for (var challenge : quirks.challenges()) {
            exchange.getResponseHeaders()
                    .add(
                            "WWW-Authenticate",
                            challenge
                                    .replace("REALM", "http://" + tokens.host() + quirks.tokenPath())
                                    .replace("HOST", registry.host())
                                    .replace("SCOPE", quirks.repository()));
        }
        answer(exchange, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
        return true;
    }

    private boolean redirect(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        if (quirks.blobRedirect() == 0 || !path.contains("/blobs/")) {
            return false;
        }
        var port = store.host().substring(store.host().indexOf(':'));
        // Under another name, and with a signature in the query as object stores have it.
        exchange.getResponseHeaders()
                .add("Location", "http://localhost" + port + path + "?X-Amz-Signature=abc%2Fdef&e=1");
        exchange.sendResponseHeaders(quirks.blobRedirect(), -1);
        return true;
    }

    /** As object stores answer to two ways of saying who one is. */
    private static boolean refuseAuthorization(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestHeaders().containsKey("Authorization")
                && "X-Amz-Signature=abc%2Fdef&e=1"
                        .equals(exchange.getRequestURI().getRawQuery())) {
            return false;
        }
        answer(exchange, 400, "<Code>InvalidArgument</Code>");
        return true;
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        FakeRegistry.answer(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        Stream.of(registry, tokens, store).distinct().forEach(FakeRegistry::close);
    }
}
