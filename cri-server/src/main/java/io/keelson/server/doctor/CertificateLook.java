package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration;
import io.keelson.server.stream.TlsCertificate;
import java.time.Duration;
import java.time.Instant;

/** The certificates that the daemon shows to others. */
final class CertificateLook {
    private static final Duration SOON = Duration.ofDays(7);

    private CertificateLook() {}

    static Finding look(Configuration configuration) {
        var tls = configuration.streaming().tls().settings();
        if (tls.isEmpty()) {
            return Finding.ok("certificates", "none is configured");
        }
        var advice = "renew the file that streaming.tls.certificate names";
        try {
            var end = TlsCertificate.notAfter(tls.get());
            var now = Instant.now();
            if (now.isAfter(end)) {
                return Finding.fail("certificates", "the certificate of streams ended on " + end, advice);
            }
            return now.plus(SOON).isAfter(end)
                    ? Finding.warn("certificates", "the certificate of streams ends on " + end, advice)
                    : Finding.ok("certificates", "good until " + end);
        } catch (Failure e) {
            return Finding.fail("certificates", String.valueOf(e.getMessage()), "correct streaming.tls");
        }
    }
}
