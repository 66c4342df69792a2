package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

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

    private static final String CLIENT_ID = "keelson";

    /** A value for Authorization, and how long it may be used. */
    record Token(String header, Duration life) {}

    private final Wire wire;

    TokenServer(Wire wire) {
        this.wire = wire;
    }

    /**
     * @param registry whose challenge it is
     * @param verify whether its TLS is verified, and with it the realm's
     * @throws Failure UNAUTHENTICATED if the realm refuses, or may not be asked
     * @throws IOException if the realm does not answer
     */
    Token fetch(Challenge challenge, RegistryEndpoint registry, Origin origin, Credentials credentials, boolean verify)
            throws IOException {
        var realm = realm(challenge, registry);
        var trusted = mayHaveSecrets(realm, registry, origin);
        var known = trusted ? credentials : Credentials.NONE;
        var scope = scope(challenge, registry);
        var exchange = known.identityToken().isEmpty()
                ? get(realm, challenge.parameter("service"), scope, known, verify || !isOwn(realm, registry))
                : post(realm, challenge.parameter("service"), scope, known, verify);
        try (var answer = wire.send(exchange)) {
            if (answer.status() != 200) {
                throw refused(registry, realm, answer);
            }
            return token(registry, Bodies.read(answer, MAX_TOKEN_BYTES, "token of " + realm.getHost()));
        }
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

    /** The registry's own scope where it is for reading one repository, which may have another name behind a proxy; else ours. */
    private static String scope(Challenge challenge, RegistryEndpoint registry) {
        var offered = challenge.parameter("scope");
        return offered.matches("repository:[a-z0-9._/-]{1,255}:pull")
                ? offered
                : "repository:" + registry.repository() + ":pull";
    }

    private static Wire.Exchange get(URI realm, String service, String scope, Credentials credentials, boolean verify) {
        var query = new StringBuilder(realm.getRawQuery() == null ? "?" : "?" + realm.getRawQuery() + "&");
        if (!service.isEmpty()) {
            query.append("service=").append(encoded(service)).append('&');
        }
        query.append("scope=").append(encoded(scope));
        if (credentials.hasPassword()) {
            query.append("&account=").append(encoded(credentials.username()));
        }
        var text = realm.toString();
        var question = text.indexOf('?');
        var uri = URI.create((question < 0 ? text : text.substring(0, question)) + query);
        return new Wire.Exchange(
                "GET",
                uri,
                Map.of("Accept", "application/json"),
                credentials.hasPassword() ? Optional.of(credentials.basicHeader()) : Optional.empty(),
                verify);
    }

    private static Wire.Exchange post(
            URI realm, String service, String scope, Credentials credentials, boolean verify) {
        var form = "grant_type=refresh_token&service=" + encoded(service) + "&client_id=" + CLIENT_ID + "&scope="
                + encoded(scope) + "&refresh_token=" + encoded(credentials.identityToken());
        return new Wire.Exchange(
                "POST",
                realm,
                Map.of("Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded"),
                Optional.empty(),
                Optional.of(form),
                verify);
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
