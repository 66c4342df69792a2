package io.keelson.server.connection;

import java.time.Instant;

/** What the server's certificate says, once it is known that it can be used. */
public final class TlsCertificate {
    private TlsCertificate() {}

    /** @throws io.keelson.host.failure.Failure INVALID, or whatever keeps a file from being read, if it cannot be used */
    public static Instant notAfter(TlsSettings settings) {
        var files = TlsFiles.read(settings);
        var _ = files.context();
        return files.notAfter();
    }
}
