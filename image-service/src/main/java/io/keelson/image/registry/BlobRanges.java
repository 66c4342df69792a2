package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Parts of one blob, asked for by several threads at once. Each part comes from the mirror that sends the fewest just now, so that
 * a quick one sends more of them. Who answers with anything but the part is not asked for another; who breaks off too often neither.
 * Whether the parts belong together is for the reader of all of them to find out. Thread-safe.
 */
public final class BlobRanges {
    /** Parts that one server may break off. */
    static final int MAX_BREAKS = 3;

    private static final int BUFFER_BYTES = 64 << 10;

    /** Takes what comes. */
    @FunctionalInterface
    public interface Sink {
        void accept(byte[] bytes, int count);
    }

    private static final class Source {
        final RegistryConnection connection;
        final boolean isLast;
        int running;
        int breaks;
        boolean isOut;

        Source(RegistryConnection connection, boolean isLast) {
            this.connection = connection;
            this.isLast = isLast;
        }
    }

    private final RegistrySession session;
    private final RegistrySettings settings;
    private final String path;
    private final long sizeBytes;
    private final List<Source> sources = new ArrayList<>();
    private final Set<String> reasons = new LinkedHashSet<>();
    private final Set<RegistryEndpoint> senders = new LinkedHashSet<>();

    BlobRanges(
            RegistrySession session,
            RegistrySettings settings,
            List<RegistryConnection> mirrors,
            RegistryConnection last,
            String path,
            long sizeBytes) {
        this.session = session;
        this.settings = settings;
        this.path = path;
        this.sizeBytes = sizeBytes;
        mirrors.forEach(mirror -> sources.add(new Source(mirror, false)));
        sources.add(new Source(last, true));
    }

    /**
     * The bytes from {@code from} to before {@code to}, in order, from whoever has them.
     *
     * @throws Failure UNAVAILABLE if nobody is left who sends parts, CANCELLED for an interrupt; whatever the sink throws
     */
    public void fetch(long from, long to, Sink sink) {
        var at = from;
        while (at < to) {
            var source = take();
            try {
                at += send(source, at, to, sink);
            } finally {
                giveBack(source);
            }
        }
    }

    /** Those that sent something, in the order in which they began. */
    public synchronized List<String> endpoints() {
        return senders.stream().map(RegistryEndpoint::toString).toList();
    }

    /** How often one of them broke off or refused. */
    public synchronized int troubles() {
        return sources.stream()
                .mapToInt(source -> source.breaks + (source.isOut ? 1 : 0))
                .sum();
    }

    private synchronized Source take() {
        var usable = sources.stream().filter(source -> !source.isOut).toList();
        var mirrors = usable.stream().filter(source -> !source.isLast).toList();
        var chosen = (mirrors.isEmpty() ? usable : mirrors)
                .stream()
                        .min(Comparator.comparingInt(source -> source.running))
                        .orElseThrow(() -> Failure.unavailable("no server sends parts of " + path + ": " + reasons));
        chosen.running++;
        return chosen;
    }

    private synchronized void giveBack(Source source) {
        source.running--;
    }

    /** How much came until it was all, or broke off. */
    private long send(Source source, long from, long to, Sink sink) {
        var sent = 0L;
        var opened = open(source, from, to);
        if (opened.isEmpty()) {
            return 0;
        }
        try (var body = opened.get().body()) {
            var bytes = new byte[BUFFER_BYTES];
            while (sent < to - from) {
                var count = body.read(bytes, 0, (int) Math.min(bytes.length, to - from - sent));
                if (count < 0) {
                    throw new EOFException("ended after " + sent + " of " + (to - from) + " bytes");
                }
                sink.accept(bytes, count);
                sent += count;
            }
            if (body.read() >= 0) {
                out(source, "sends more than it was asked for");
            }
        } catch (IOException e) {
            broke(source, e);
        }
        return sent;
    }

    /** Absent if the server does not send this part. */
    private Optional<Wire.Answer> open(Source source, long from, long to) {
        var connection = source.connection;
        try {
            var answer = connection.request(
                    "GET",
                    path,
                    Map.of("Range", "bytes=" + from + "-" + (to - 1)),
                    source.isLast ? settings.last() : settings.notLast());
            if (answer.status() == 206 && RegistryBlob.isPart(answer.header("Content-Range"), from, to, sizeBytes)) {
                began(connection);
                return Optional.of(answer);
            }
            out(source, "answered " + answer.status() + " " + Bodies.quoted(answer.header("Content-Range")));
            answer.close();
        } catch (Failure e) {
            session.failed(connection, e);
            out(source, String.valueOf(e.getMessage()));
        }
        return Optional.empty();
    }

    private synchronized void began(RegistryConnection connection) {
        senders.add(connection.endpoint());
    }

    private synchronized void out(Source source, String why) {
        source.isOut = true;
        reasons.add(source.connection.endpoint() + ": " + why);
    }

    private synchronized void broke(Source source, IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            throw new Failure(Failure.Kind.CANCELLED, "interrupted while fetching a part of " + path, e);
        }
        if (++source.breaks >= MAX_BREAKS) {
            out(source, String.valueOf(e.getMessage()));
        }
    }
}
