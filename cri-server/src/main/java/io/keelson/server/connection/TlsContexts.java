package io.keelson.server.connection;

import io.keelson.host.failure.Failure;
import io.netty.handler.ssl.SslContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates in force. Whoever renews them replaces files, one after the other; the next connection is encrypted by what is there
 * then. As long as that makes no sense, what was there before stays in force.
 */
public final class TlsContexts {
    private static final Logger log = LoggerFactory.getLogger(TlsContexts.class);

    private final TlsSettings settings;
    private TlsFiles seen;
    private SslContext context;
    private String trouble = "";

    /** @throws Failure INVALID, or whatever keeps a file from being read */
    public TlsContexts(TlsSettings settings) {
        this.settings = settings;
        seen = TlsFiles.read(settings);
        context = seen.context();
    }

    /** For a connection that begins now. The files are small, and seldom out of the kernel's memory. */
    public synchronized SslContext current() {
        try {
            var found = TlsFiles.read(settings);
            if (!found.isSameAs(seen)) {
                seen = found;
                context = found.context();
                log.atInfo()
                        .addKeyValue("event", "certificates-renewed")
                        .log("{} has new certificates", settings.table());
            }
            trouble = "";
        } catch (Failure e) {
            complain(String.valueOf(e.getMessage()));
        }
        return context;
    }

    /** Once for each trouble, not for each connection. */
    private void complain(String why) {
        if (!why.equals(trouble)) {
            trouble = why;
            log.atWarn()
                    .addKeyValue("event", "certificates-not-renewed")
                    .log("{} keeps the certificates that it has: {}", settings.table(), why);
        }
    }
}
