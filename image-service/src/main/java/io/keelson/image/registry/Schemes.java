package io.keelson.image.registry;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a registry is spoken to by https or http. It is https, except that a registry which is on loopback, or is configured
 * insecure, may turn out to have no TLS. That is asked once, without credentials: on loopback by http first, since servers there
 * rarely have TLS, and some wait for ever for the end of the line that a TLS greeting is not; elsewhere by https first.
 */
final class Schemes {
    private final Wire wire;
    private final Patience patience;
    private final Map<RegistryEndpoint, URI> found = new ConcurrentHashMap<>();

    Schemes(Wire wire, Patience patience) {
        this.wire = wire;
        this.patience = patience;
    }

    /** The address that paths of the API are resolved against. */
    URI base(RegistryEndpoint endpoint) throws IOException {
        var secure = URI.create("https://" + endpoint.apiHost() + "/");
        var said = endpoint.access().scheme();
        if (said.isPresent()) {
            return URI.create(said.get() + "://" + endpoint.apiHost() + "/");
        }
        if (!endpoint.mayBePlain()) {
            return secure;
        }
        var key = key(endpoint);
        var known = found.get(key);
        if (known == null) {
            var plain = URI.create("http://" + endpoint.apiHost() + "/");
            var isPlain =
                    HostNames.isLoopback(endpoint.host()) ? speaksPlain(plain, endpoint) : !hasTls(secure, endpoint);
            known = isPlain ? plain : secure;
            found.put(key, known);
        }
        return known;
    }

    /** After trouble: it may have been restarted with another. */
    void forget(RegistryEndpoint endpoint) {
        found.remove(key(endpoint));
    }

    private static RegistryEndpoint key(RegistryEndpoint endpoint) {
        return new RegistryEndpoint(endpoint.host(), "", endpoint.insecure(), false, endpoint.access(), "");
    }

    /** A TLS server answers 400, or breaks the connection. */
    private boolean speaksPlain(URI plain, RegistryEndpoint endpoint) throws IOException {
        try (var answer = probe(plain, endpoint)) {
            return answer.status() != 400;
        } catch (IOException e) {
            if (RegistryConnection.isUnconnected(e)) {
                throw e;
            }
            return false;
        }
    }

    private boolean hasTls(URI secure, RegistryEndpoint endpoint) throws IOException {
        try (var answer = probe(secure, endpoint)) {
            return answer.status() > 0;
        } catch (IOException e) {
            if (e instanceof ConnectException || isAboutCertificate(e)) {
                throw e;
            }
            return false;
        }
    }

    /** The status with which the beginning of the API is answered. */
    int greet(RegistryEndpoint endpoint) throws IOException {
        try (var answer = probe(base(endpoint), endpoint)) {
            return answer.status();
        }
    }

    private Wire.Answer probe(URI base, RegistryEndpoint endpoint) throws IOException {
        return wire.sendOnce(Exchange.of("GET", base.resolve("/v2/"), Map.of(), Channel.to(endpoint), patience));
    }

    private static boolean isAboutCertificate(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }
}
