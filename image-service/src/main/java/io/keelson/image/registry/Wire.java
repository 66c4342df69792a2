package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/**
 * HTTP as registries need it: redirects are followed by hand, so that an Authorization header stays with the origin it was
 * meant for and https never becomes http. Content-Encoding is never asked for.
 */
final class Wire implements AutoCloseable {
    /** Most redirects that are followed. */
    static final int MAX_REDIRECTS = 10;

    private static final int MAX_DRAIN_BYTES = 64 * 1024;

    private final Clients clients;
    private final Optional<EnvironmentProxies> proxies;

    Wire(RegistrySettings settings, Optional<EnvironmentProxies> proxies) {
        this.proxies = proxies;
        this.clients = new Clients(settings.connect(), settings.tlsVersions(), proxies.map(ProxySelector.class::cast));
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
            if (exchange.payload().filter(sent -> !sent.followsRedirects()).isPresent()) {
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
        var patience = exchange.patience();
        var channel = atOrigin ? exchange.channel() : exchange.channel().elsewhere();
        var client = clients.client(uri, channel);
        var request = request(exchange, uri, atOrigin);
        try {
            var response = received(client, request, patience);
            if (response.body() == null) {
                // What a proxy says that makes no way to the server.
                throw new IOException("the proxy answered " + response.statusCode());
            }
            return new Answer(response.statusCode(), response, uri);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while waiting for " + uri.getHost(), e);
        }
    }

    /** A number in the answer's head that is none is an IllegalArgumentException of the client. */
    private static HttpResponse<InputStream> received(HttpClient client, HttpRequest request, Patience patience)
            throws IOException, InterruptedException {
        try {
            return client.send(request, head -> new BodyStream(patience));
        } catch (IllegalArgumentException e) {
            throw new IOException("its answer makes no sense: " + e.getMessage(), e);
        }
    }

    private HttpRequest request(Exchange exchange, URI uri, boolean atOrigin) {
        var request = HttpRequest.newBuilder(uri)
                .timeout(exchange.patience().answer())
                .method(
                        exchange.method(),
                        exchange.payload()
                                .map(Exchange.Payload::publisher)
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        exchange.headers().forEach(request::setHeader);
        if (atOrigin) {
            exchange.secrets().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
        }
        proxies.flatMap(all -> all.authorization(uri))
                .ifPresent(value -> request.setHeader("Proxy-Authorization", value));
        return request.build();
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

    @Override
    public void close() {
        clients.close();
    }
}
