package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint during one pull: who we are there, and how often we try. Requests answered with 401 are repeated once with what
 * the challenge asks for; those answered with 429 or 5xx, or not at all, after a pause. Thread-safe.
 */
final class RegistryConnection {
    private static final Set<Integer> WORTH_A_RETRY = Set.of(408, 425, 429, 500, 502, 503, 504);
    /** A host that does not take connections, or takes them and is silent, is not asked more often than this. */
    private static final int SILENT_TRIES = 2;

    private final RegistryEndpoint endpoint;
    private final Channel channel;
    private final Scopes scopes;
    private final Wire wire;
    private final TokenServer tokens;
    private final TokenCache cache;
    private final Schemes schemes;
    private final HostPauses pauses;
    private final RegistrySettings settings;
    private final Supplier<WorkListener> work;
    private final ReentrantLock login = new ReentrantLock();
    private final CredentialSource source;
    private volatile @Nullable Credentials credentials;
    private volatile @Nullable String authorization;

    /** @param given what the request brings for this endpoint; without it, they are looked up when they are asked for */
    RegistryConnection(RegistryEndpoint endpoint, Optional<Credentials> given, Scopes scopes, RegistryClient client) {
        this.endpoint = endpoint;
        this.channel = Channel.to(endpoint);
        this.scopes = scopes;
        this.source = client.source();
        this.credentials = given.orElse(source.equals(CredentialSource.NOTHING) ? Credentials.NONE : null);
        this.wire = client.wire();
        this.tokens = client.tokens();
        this.cache = client.cache();
        this.schemes = client.schemes();
        this.pauses = client.pauses();
        this.settings = client.settings();
        this.work = client::work;
    }

    RegistryEndpoint endpoint() {
        return endpoint;
    }

    /**
     * Sends until there is a definite answer.
     *
     * @param path below {@code /v2/<repository>/}, or a whole address that the registry gave
     * @throws Failure with the endpoint and the cause
     */
    Wire.Answer request(String method, String path, Map<String, String> headers, Effort effort) {
        return request(method, path, headers, Optional.empty(), effort);
    }

    Wire.Answer request(
            String method,
            String path,
            Map<String, String> headers,
            Optional<Exchange.Payload> payload,
            Effort effort) {
        return work.get()
                .around(
                        new Work(WorkListener.Kind.REGISTRY, endpoint.host(), method),
                        () -> insist(method, path, headers, payload, effort));
    }

    private Wire.Answer insist(
            String method,
            String path,
            Map<String, String> headers,
            Optional<Exchange.Payload> payload,
            Effort effort) {
        var tries = effort.tries();
        var failure = Failure.unavailable(endpoint + ": not asked");
        var pause = settings.firstPause();
        for (var attempt = 1; attempt <= tries; attempt++) {
            respectPause(effort);
            var wait = pause;
            try {
                var answer = authorized(method, path, headers, payload, effort.patience());
                if (!WORTH_A_RETRY.contains(answer.status())) {
                    return answer;
                }
                failure = Failure.unavailable(endpoint + " answered " + answer.status() + Bodies.error(answer));
                var asked = RetryAfter.parse(answer.header("Retry-After"), Instant.now(), settings.longestPause());
                asked.ifPresent(left -> pauses.ask(endpoint, left, System.nanoTime()));
                wait = asked.orElse(pause);
                answer.close();
            } catch (InterruptedIOException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + endpoint, e);
                }
                failure = unavailable(e);
            } catch (IOException e) {
                failure = unavailable(e);
                schemes.forget(endpoint);
                if (isUntrusted(e) || (isSilent(e) && attempt >= SILENT_TRIES)) {
                    throw failure;
                }
            }
            if (attempt < tries) {
                sleep(wait);
                pause = pause.multipliedBy(2);
            }
        }
        throw failure;
    }

    /** Others may have been told to wait, while we were not. */
    private void respectPause(Effort effort) {
        var left = pauses.left(endpoint, System.nanoTime());
        if (!left.isPositive()) {
            return;
        }
        if (!effort.waits()) {
            throw Failure.unavailable(endpoint + " wants to be left alone for " + (left.toSeconds() + 1) + " s");
        }
        sleep(left);
    }

    private void sleep(Duration wait) {
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting to ask " + endpoint + " again", e);
        }
    }

    private Failure unavailable(IOException e) {
        return new Failure(Failure.Kind.UNAVAILABLE, endpoint + ": " + reason(e), e);
    }

    /** The JDK leaves the messages of some of its exceptions empty. */
    private static String reason(Throwable e) {
        for (var cause = e; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case HttpConnectTimeoutException _ -> {
                    return "connection timed out";
                }
                case UnresolvedAddressException _ -> {
                    return "unknown host";
                }
                case UnknownHostException _ -> {
                    return "unknown host";
                }
                case CertificateException certificate
                when isOfAnotherTime(certificate) -> {
                    // Whether it is wrong or the clock, only people can tell.
                    return "its certificate is not valid at " + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                            + ", which is the time on this node ("
                            + Bodies.quoted(String.valueOf(certificate.getMessage())) + ")";
                }
                default -> {}
            }
        }
        for (var cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                return Bodies.quoted(cause.getMessage());
            }
        }
        return e instanceof ConnectException
                ? "connection refused"
                : e.getClass().getSimpleName();
    }

    private static boolean isOfAnotherTime(CertificateException e) {
        return e instanceof CertificateNotYetValidException || e instanceof CertificateExpiredException;
    }

    static boolean isUnconnected(Throwable e) {
        return e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    }

    private static boolean isSilent(IOException e) {
        return e instanceof ConnectException || e instanceof HttpTimeoutException;
    }

    private static boolean isUntrusted(IOException e) {
        return e instanceof SSLException;
    }

    private Wire.Answer authorized(
            String method,
            String path,
            Map<String, String> headers,
            Optional<Exchange.Payload> payload,
            Patience patience)
            throws IOException {
        var base = schemes.base(endpoint);
        var origin = Origin.of(base);
        var plain = Exchange.of(method, address(base, path), headers, channel, patience);
        var exchange = payload.map(plain::with).orElse(plain);
        if (!Origin.of(exchange.uri()).equals(origin)) {
            // Its place was named by the registry, as in a redirect: it sees no secrets.
            return definite(wire.send(exchange));
        }
        exchange = exchange.withSecrets(endpoint.access().headers());
        var used = authorization(origin);
        var answer = wire.send(used.map(exchange::withAuthorization).orElse(exchange));
        if (answer.status() != 401) {
            return definite(answer);
        }
        var challenges = answer.response().headers().allValues("WWW-Authenticate");
        // A redirect's target may challenge too; what it asks for is not ours to give.
        var challengedByOrigin = Origin.of(answer.uri()).equals(origin);
        var text = Bodies.error(answer);
        answer.close();
        if (!challengedByOrigin) {
            throw refused(Failure.Kind.UNAUTHENTICATED, 401, text);
        }
        logIn(origin, challenges, used, text);
        return definite(wire.send(exchange.withAuthorization(Objects.requireNonNull(authorization))));
    }

    private URI address(URI base, String path) {
        var whole = path.startsWith("https://") || path.startsWith("http://");
        var place = whole
                ? path
                : base.resolve(endpoint.access().path() + "/" + endpoint.repository() + "/" + path)
                        .toString();
        if (endpoint.namespace().isEmpty()) {
            return URI.create(place);
        }
        return URI.create(place + (place.indexOf('?') < 0 ? "?" : "&") + "ns="
                + URLEncoder.encode(endpoint.namespace(), StandardCharsets.UTF_8));
    }

    private Wire.Answer definite(Wire.Answer answer) {
        if (answer.status() == 401 || answer.status() == 403) {
            try (answer) {
                var kind = answer.status() == 401 ? Failure.Kind.UNAUTHENTICATED : Failure.Kind.DENIED;
                throw refused(kind, answer.status(), Bodies.error(answer));
            }
        }
        return answer;
    }

    private Failure refused(Failure.Kind kind, int status, String text) {
        return new Failure(kind, endpoint + " refused access to " + endpoint.repository() + " (" + status + ")" + text);
    }

    private Optional<String> authorization(Origin origin) {
        var who = credentials;
        if (authorization == null && who != null) {
            (who.registryToken().isEmpty()
                            ? cache.find(origin, scopes, who)
                            : Optional.of("Bearer " + who.registryToken()))
                    .ifPresent(value -> authorization = value);
        }
        return Optional.ofNullable(authorization);
    }

    /** Answers the challenge, once for all requests that met it at the same time. */
    private void logIn(Origin origin, List<String> headers, Optional<String> used, String text) throws IOException {
        try {
            login.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for a token", e);
        }
        try {
            if (!Optional.ofNullable(authorization).equals(used)) {
                return;
            }
            if (credentials == null) {
                credentials = source.find(endpoint.host(), endpoint.repository());
                // As another pull of the same user did, perhaps.
                if (authorization(origin).isPresent()) {
                    return;
                }
            }
            authorization = answerTo(Objects.requireNonNull(credentials), origin, headers, text);
        } finally {
            login.unlock();
        }
    }

    private String answerTo(Credentials who, Origin origin, List<String> headers, String text) throws IOException {
        for (var challenge :
                headers.stream().map(Challenge::parse).flatMap(List::stream).toList()) {
            if (challenge.scheme().equals("bearer") && who.registryToken().isEmpty()) {
                var token = tokens.fetch(challenge, endpoint, origin, scopes, who, channel);
                cache.put(origin, scopes, who, token);
                return token.header();
            }
            if (challenge.scheme().equals("basic") && who.hasPassword()) {
                return who.basicHeader();
            }
        }
        throw refused(Failure.Kind.UNAUTHENTICATED, 401, text);
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
