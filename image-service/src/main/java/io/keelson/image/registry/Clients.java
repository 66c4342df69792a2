package io.keelson.image.registry;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.net.ssl.SSLParameters;

/**
 * An HTTP client for each way to set up a connection: its connections serve again and again. A client whose files of certificates
 * have changed is replaced with the next request, and ends when its last answer has. HTTP/2 is spoken where
 * a server offers it in the TLS handshake.
 */
final class Clients implements AutoCloseable {
    private static final int MAX_CLIENTS = 64;
    /** What the JDK takes of an HTTP/2 stream that nobody reads is 16 MiB otherwise, and 32 MiB of a connection. */
    private static final String STREAM_BYTES = String.valueOf(2 << 20);

    private static final String CONNECTION_BYTES = String.valueOf(16 << 20);
    /** What is read at once; each read goes through several threads. 16 KiB, the JDK's own, take a fifth of a pull's processor time more. */
    private static final String READ_BYTES = String.valueOf(PartPool.PART_BYTES);

    private record Key(boolean secure, Channel channel) {}

    private record Stamp(Path file, FileTime changed, long size) {}

    private record Made(HttpClient client, List<Stamp> files) {}

    private final Duration connect;
    private final String[] tlsVersions;
    private final Optional<ProxySelector> proxies;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Key, Made> made = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Made> eldest) {
            if (size() <= MAX_CLIENTS) {
                return false;
            }
            eldest.getValue().client().shutdown();
            return true;
        }
    };

    static {
        // Read once, by the first client of the process.
        System.setProperty("jdk.httpclient.windowsize", STREAM_BYTES);
        System.setProperty("jdk.httpclient.connectionWindowSize", CONNECTION_BYTES);
        System.setProperty("jdk.httpclient.bufsize", READ_BYTES);
        // Otherwise no proxy for https is told a password.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }

    /** @param tlsVersions that are spoken, as the platform calls them */
    Clients(Duration connect, List<String> tlsVersions, Optional<ProxySelector> proxies) {
        this.connect = connect;
        this.tlsVersions = tlsVersions.toArray(String[]::new);
        this.proxies = proxies;
    }

    /** @throws io.keelson.host.failure.Failure INVALID naming a file of certificates that cannot be used */
    synchronized HttpClient client(URI uri, Channel channel) {
        var secure = Origin.of(uri).isSecure();
        var key = new Key(secure, secure ? channel : new Channel(true, Channel.USUAL.tls(), channel.dialTimeout()));
        var files = secure ? stamps(channel) : List.<Stamp>of();
        var known = made.get(key);
        if (known != null && known.files().equals(files)) {
            return known.client();
        }
        var client = make(key);
        made.put(key, new Made(client, files));
        if (known != null) {
            known.client().shutdown();
        }
        return client;
    }

    private static List<Stamp> stamps(Channel channel) {
        return Stream.concat(
                        channel.verify() ? Certificates.systemBundle().stream() : Stream.empty(),
                        channel.tls().files().stream())
                .map(Clients::stamp)
                .toList();
    }

    private static Stamp stamp(Path file) {
        try {
            return new Stamp(file, Files.getLastModifiedTime(file), Files.size(file));
        } catch (IOException e) {
            return new Stamp(file, FileTime.fromMillis(0), -1);
        }
    }

    private HttpClient make(Key key) {
        var builder = HttpClient.newBuilder()
                .version(key.secure() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(key.channel().dialTimeout().orElse(connect))
                .executor(executor);
        proxies.ifPresent(builder::proxy);
        if (key.secure()) {
            var parameters = new SSLParameters();
            parameters.setProtocols(tlsVersions);
            builder.sslContext(Certificates.context(key.channel())).sslParameters(parameters);
        }
        return builder.build();
    }

    @Override
    public synchronized void close() {
        made.values().forEach(each -> each.client().shutdownNow());
        executor.shutdownNow();
    }
}
