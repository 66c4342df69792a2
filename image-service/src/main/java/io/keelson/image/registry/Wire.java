package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * HTTP as registries need it: redirects are followed by hand, so that an Authorization header stays with the origin it was
 * meant for and https never becomes http. Content-Encoding is never asked for. Clients are made when first needed.
 */
final class Wire implements AutoCloseable {
    /** Most redirects that are followed. */
    static final int MAX_REDIRECTS = 10;

    private static final int MAX_DRAIN_BYTES = 64 * 1024;

    private final RegistrySettings settings;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private @Nullable HttpClient verifying;
    private @Nullable HttpClient trusting;

    Wire(RegistrySettings settings) {
        this.settings = settings;
    }

    /**
     * One exchange.
     *
     * @param headers sent to every hop
     * @param authorization sent to the origin of {@code uri} alone
     * @param verify whether TLS is verified
     */
    record Exchange(
            String method,
            URI uri,
            Map<String, String> headers,
            Optional<String> authorization,
            Optional<String> form,
            boolean verify) {
        Exchange(String method, URI uri, Map<String, String> headers, Optional<String> authorization, boolean verify) {
            this(method, uri, headers, authorization, Optional.empty(), verify);
        }
    }

    /** What came back at the end of all redirects. The caller closes the body. */
    record Answer(int status, HttpResponse<InputStream> response, URI uri) implements AutoCloseable {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        BodyStream body() {
            return (BodyStream) response.body();
        }

        /** Reads what little is left, so that the connection can serve again, and closes. */
        void drain() {
            try (var body = body()) {
                body.readNBytes(MAX_DRAIN_BYTES);
            } catch (IOException e) {
                // The connection is lost; the next request makes another.
            }
        }

        @Override
        public void close() {
            body().close();
        }
    }

    /**
     * @throws IOException if there was no answer
     * @throws Failure UNAVAILABLE for a redirect that is not followed, CANCELLED for an interrupt
     */
    Answer send(Exchange exchange) throws IOException {
        var uri = exchange.uri();
        var atOrigin = true;
        for (var hop = 0; hop <= MAX_REDIRECTS; hop++) {
            // Once away, never again: whoever redirected back is not the origin.
            atOrigin &= Origin.of(uri).equals(Origin.of(exchange.uri()));
            var answer = sendOnce(exchange, uri, atOrigin);
            if (!isRedirect(answer.status())) {
                return answer;
            }
            var location = answer.header("Location");
            answer.drain();
            if (exchange.form().isPresent()) {
                throw Failure.unavailable(uri.getHost() + " redirects a request that carries a secret");
            }
            uri = target(uri, location);
        }
        throw Failure.unavailable(exchange.uri().getHost() + ": more than " + MAX_REDIRECTS + " redirects");
    }

    /** Without following a redirect. */
    Answer sendOnce(Exchange exchange) throws IOException {
        return sendOnce(exchange, exchange.uri(), true);
    }

    private Answer sendOnce(Exchange exchange, URI uri, boolean atOrigin) throws IOException {
        var request = HttpRequest.newBuilder(uri)
                .timeout(settings.noProgress())
                .method(
                        exchange.method(),
                        exchange.form()
                                .map(HttpRequest.BodyPublishers::ofString)
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        exchange.headers().forEach(request::header);
        if (atOrigin) {
            exchange.authorization().ifPresent(value -> request.header("Authorization", value));
        }
        try {
            var response =
                    client(exchange.verify()).send(request.build(), head -> new BodyStream(settings.noProgress()));
            return new Answer(response.statusCode(), response, uri);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + uri.getHost(), e);
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private static URI target(URI from, String location) {
        try {
            var to = from.resolve(location);
            var origin = Origin.of(to);
            if (!origin.isSecure() && !origin.scheme().equals("http")) {
                throw Failure.unavailable(from.getHost() + " redirects to a " + origin.scheme() + " address");
            }
            if (to.getHost() == null || to.getRawUserInfo() != null || location.isBlank()) {
                throw Failure.unavailable(from.getHost() + " redirects to an address without host, or with a user");
            }
            if (Origin.of(from).isSecure() && !origin.isSecure()) {
                throw Failure.unavailable(from.getHost() + " redirects from https to http");
            }
            return to;
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, from.getHost() + " redirects to what is no address", e);
        }
    }

    private synchronized HttpClient client(boolean verify) {
        var made = verify ? verifying : trusting;
        if (made != null) {
            return made;
        }
        if (verify) {
            var client = builder().build();
            verifying = client;
            return client;
        }
        var client = builder().sslContext(trustingAll()).build();
        trusting = client;
        return client;
    }

    private HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connect())
                .executor(executor);
    }

    private static SSLContext trustingAll() {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw Failure.internal("cannot set up TLS", e);
        }
    }

    @Override
    public synchronized void close() {
        if (verifying != null) {
            verifying.shutdownNow();
        }
        if (trusting != null) {
            trusting.shutdownNow();
        }
        executor.shutdownNow();
    }
}
