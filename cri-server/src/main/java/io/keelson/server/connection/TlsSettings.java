package io.keelson.server.connection;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How connections are encrypted. The files are PEM.
 *
 * @param table of the configuration, for messages
 * @param certificate the server's, followed by those that lead to a root
 * @param clientAuthorities if present, only clients with a certificate of one of these are let in
 * @param minimum the oldest version that is spoken
 */
public record TlsSettings(
        String table, Path certificate, Path key, Optional<Path> clientAuthorities, TlsVersion minimum) {}
