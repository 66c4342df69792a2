package io.keelson.image.registry;

import java.io.IOException;
import java.net.URI;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a registry is spoken to by https or http. It is https, except that a registry which is configured insecure, or is on
 * loopback, may turn out to have no TLS: that is asked once, without credentials.
 */
final class Schemes {
    private final Wire wire;
    private final Map<RegistryEndpoint, URI> found = new ConcurrentHashMap<>();

    Schemes(Wire wire) {
        this.wire = wire;
    }

    /** The address that paths of the API are resolved against. */
    URI base(RegistryEndpoint endpoint) throws IOException {
        var secure = URI.create("https://" + endpoint.apiHost() + "/");
        if (!endpoint.mayBePlain()) {
            return secure;
        }
        var key = new RegistryEndpoint(endpoint.host(), "", endpoint.insecure(), false);
        var known = found.get(key);
        if (known == null) {
            known = hasTls(secure, endpoint) ? secure : URI.create("http://" + endpoint.apiHost() + "/");
            found.put(key, known);
        }
        return known;
    }

    /** After trouble: it may have been restarted with another. */
    void forget(RegistryEndpoint endpoint) {
        found.remove(new RegistryEndpoint(endpoint.host(), "", endpoint.insecure(), false));
    }

    boolean isVerified(RegistryEndpoint endpoint) {
        return !endpoint.insecure();
    }

    private boolean hasTls(URI secure, RegistryEndpoint endpoint) throws IOException {
        var probe = new Wire.Exchange("GET", secure.resolve("/v2/"), Map.of(), Optional.empty(), isVerified(endpoint));
        try (var answer = wire.sendOnce(probe)) {
            return answer.status() > 0;
        } catch (IOException e) {
            if (RegistryConnection.isUnconnected(e) || isAboutCertificate(e)) {
                throw e;
            }
            return false;
        }
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
