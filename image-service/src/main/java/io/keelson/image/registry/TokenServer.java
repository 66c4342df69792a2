package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Turns a Bearer challenge into a token (distribution project, "Token Authentication Specification" and its OAuth2 form). The
 * realm is the registry's word: a user's secret goes there only if it is the registry's own host or has the same owner, by https,
 * or by http where the registry itself may be plain. To any other realm the request goes without it.
 */
final class TokenServer {
    /** Largest answer that is read. */
    static final int MAX_TOKEN_BYTES = 1 << 20;

    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    /** Tokens are renewed this long before they end. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private static final Set<Integer> NO_SUCH_FORM = Set.of(404, 405, 501);
    private static final String CLIENT_ID = "keelson";

    /** A value for Authorization, and how long it may be used. */
    record Token(String header, Duration life) {}

    private final Wire wire;
    private final Patience patience;

    TokenServer(Wire wire, Patience patience) {
        this.wire = wire;
        this.patience = patience;
    }

    /**
     * @param registry whose challenge it is
     * @param channel to the registry
     * @throws Failure UNAUTHENTICATED if the realm refuses, or may not be asked
     * @throws IOException if the realm does not answer
     */
    Token fetch(
            Challenge challenge,
            RegistryEndpoint registry,
            Origin origin,
            Scopes scopes,
            Credentials credentials,
            Channel channel)
            throws IOException {
        var realm = realm(challenge, registry);
        var known = mayHaveSecrets(realm, registry, origin) ? credentials : Credentials.NONE;
        var scope = scopes.asked(challenge.parameter("scope"));
        var service = challenge.parameter("service");
        var way = isOwn(realm, registry) ? channel : channel.verified();
        try (var answer = ask(realm, service, scope, known, way)) {
            if (answer.status() != 200) {
                throw refused(registry, realm, answer);
            }
            return token(registry, Bodies.read(answer, MAX_TOKEN_BYTES, "token of " + realm.getHost()));
        }
    }

    private Wire.Answer ask(URI realm, String service, List<String> scope, Credentials known, Channel channel)
            throws IOException {
        if (known.identityToken().isEmpty()) {
            return wire.send(get(realm, service, scope, known, channel));
        }
        var answer = wire.send(post(realm, service, scope, known, channel));
        if (!NO_SUCH_FORM.contains(answer.status()) || known.username().isEmpty()) {
            return answer;
        }
        // A token server without the OAuth2 form takes the identity token for a password.
        answer.close();
        return wire.send(
                get(realm, service, scope, Credentials.basic(known.username(), known.identityToken()), channel));
    }

    private static Failure refused(RegistryEndpoint registry, URI realm, Wire.Answer answer) throws IOException {
        var text =
                registry + ": token server " + realm.getHost() + " answered " + answer.status() + Bodies.error(answer);
        if (answer.status() == 429 || answer.status() >= 500) {
            throw new IOException(text);
        }
        return new Failure(answer.status() == 403 ? Failure.Kind.DENIED : Failure.Kind.UNAUTHENTICATED, text);
    }

    private static URI realm(Challenge challenge, RegistryEndpoint registry) {
        try {
            var realm = new URI(challenge.parameter("realm"));
            var scheme = Origin.of(realm).scheme();
            if (realm.getHost() == null || realm.getRawUserInfo() != null || realm.getRawFragment() != null) {
                throw unusable(registry, "has no host, or a user");
            }
            if (!scheme.equals("https") && !scheme.equals("http")) {
                throw unusable(registry, "is neither https nor http");
            }
            if (scheme.equals("http") && !registry.mayBePlain()) {
                throw unusable(registry, "is plain http, and the registry is not configured insecure");
            }
            if (HostNames.isLocal(realm.getHost()) && !HostNames.isLoopback(registry.host())) {
                throw unusable(registry, "is an address of this machine");
            }
            return realm;
        } catch (URISyntaxException e) {
            throw unusable(registry, "is no address");
        }
    }

    private static Failure unusable(RegistryEndpoint registry, String why) {
        return new Failure(Failure.Kind.UNAUTHENTICATED, registry + ": its token realm " + why);
    }

    private static boolean isOwn(URI realm, RegistryEndpoint registry) {
        return realm.getHost().equalsIgnoreCase(HostNames.host(registry.apiHost()));
    }

    private static boolean mayHaveSecrets(URI realm, RegistryEndpoint registry, Origin origin) {
        if (Origin.of(realm).isSecure()) {
            return HostNames.isSameOwner(realm.getHost(), HostNames.host(registry.apiHost()));
        }
        return isOwn(realm, registry) && !origin.isSecure();
    }

    private Exchange get(URI realm, String service, List<String> scopes, Credentials credentials, Channel channel) {
        var query = new StringBuilder(realm.getRawQuery() == null ? "?" : "?" + realm.getRawQuery() + "&");
        if (!service.isEmpty()) {
            query.append("service=").append(encoded(service)).append('&');
        }
        query.append(scopes.stream().map(scope -> "scope=" + encoded(scope)).collect(Collectors.joining("&")));
        if (credentials.hasPassword()) {
            query.append("&account=").append(encoded(credentials.username()));
        }
        var text = realm.toString();
        var question = text.indexOf('?');
        var uri = URI.create((question < 0 ? text : text.substring(0, question)) + query);
        var exchange = Exchange.of("GET", uri, Map.of("Accept", "application/json"), channel, patience);
        return credentials.hasPassword() ? exchange.withAuthorization(credentials.basicHeader()) : exchange;
    }

    private Exchange post(URI realm, String service, List<String> scopes, Credentials credentials, Channel channel) {
        var form = "grant_type=refresh_token&service=" + encoded(service) + "&client_id=" + CLIENT_ID + "&scope="
                + encoded(String.join(" ", scopes)) + "&refresh_token=" + encoded(credentials.identityToken());
        var headers = Map.of("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded");
        return Exchange.of("POST", realm, headers, channel, patience)
                .with(new Exchange.Payload(HttpRequest.BodyPublishers.ofString(form), false));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Token token(RegistryEndpoint registry, byte[] body) {
        var json = Json.parseObject(body);
        var token = json.findText("token").filter(text -> !text.isEmpty()).orElse(json.textOrEmpty("access_token"));
        if (token.isEmpty() || !token.chars().allMatch(character -> character > ' ' && character < 127)) {
            throw new Failure(Failure.Kind.UNAUTHENTICATED, registry + ": its token server sent no token");
        }
        var seconds =
                Math.clamp(json.numberOr("expires_in", 0), 0, Duration.ofDays(1).toSeconds());
        var life = seconds == 0 ? DEFAULT_LIFE : Duration.ofSeconds(seconds);
        return new Token("Bearer " + token, life.compareTo(MARGIN) > 0 ? life.minus(MARGIN) : Duration.ZERO);
    }
}
