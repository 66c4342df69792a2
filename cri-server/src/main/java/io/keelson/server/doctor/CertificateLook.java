package io.keelson.server.doctor;

import io.keelson.host.failure.Failure;
import io.keelson.server.config.Configuration;
import io.keelson.server.connection.TlsCertificate;
import io.keelson.server.connection.TlsSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** The certificates that the daemon shows to others. */
final class CertificateLook {
    private static final String SUBJECT = "certificates";
    private static final Duration SOON = Duration.ofDays(7);

    private CertificateLook() {}

    static Finding look(Configuration configuration) {
        var all = Stream.of(
                        configuration.streaming().encryption(),
                        configuration.metrics().encryption())
                .flatMap(Optional::stream)
                .map(CertificateLook::look)
                .toList();
        return all.stream()
                .max(Comparator.comparing(Finding::verdict))
                .orElseGet(() -> Finding.ok(SUBJECT, "none is configured"));
    }

    private static Finding look(TlsSettings tls) {
        var advice = "renew " + tls.certificate();
        try {
            var end = TlsCertificate.notAfter(tls);
            var now = Instant.now();
            if (now.isAfter(end)) {
                return Finding.fail(SUBJECT, "that of " + tls.table() + " ended on " + end, advice);
            }
            return now.plus(SOON).isAfter(end)
                    ? Finding.warn(SUBJECT, "that of " + tls.table() + " ends on " + end, advice)
                    : Finding.ok(SUBJECT, "that of " + tls.table() + " is good until " + end);
        } catch (Failure e) {
            return Finding.fail(SUBJECT, String.valueOf(e.getMessage()), "correct " + tls.table());
        }
    }
}
