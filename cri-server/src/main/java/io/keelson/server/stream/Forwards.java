package io.keelson.server.stream;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections into a pod that one client asks for. What fails for one of them is said on its strand for errors, and the others go
 * on.
 */
final class Forwards {
    private static final Logger log = LoggerFactory.getLogger(Forwards.class);

    private final Offer.Ports offer;
    private final Conversations conversations;
    private final Set<SocketChannel> open = new HashSet<>();
    private @Nullable String stoppedBecause;
    private boolean hasEnded;

    Forwards(Offer.Ports offer, Conversations conversations) {
        this.offer = offer;
        this.conversations = conversations;
    }

    void start(int port, Strand data, Strand error) {
        var _ = conversations.start("port-forward", () -> forward(port, data, error));
    }

    private void forward(int port, Strand data, Strand error) {
        var trouble = connect(port, data);
        try (var errors = error.output()) {
            // Nobody reads what the client still says, here or there.
            data.input().close();
            error.input().close();
            var words = stopped() == null ? trouble : stopped();
            if (words != null) {
                errors.write(words.getBytes(StandardCharsets.UTF_8));
            }
            data.output().close();
        } catch (IOException e) {
            log.atDebug().addKeyValue("event", "stream-broken").log("a port-forward's client left: {}", e.getMessage());
        }
    }

    /** Null once there was a connection: how that ends is between the two ends of it. */
    private @Nullable String connect(int port, Strand data) {
        try (var socket = offer.dialer().dial(port)) {
            if (remember(socket)) {
                new Forward(socket, data).run(conversations);
            }
            return null;
        } catch (Failure e) {
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            return null;
        } catch (RuntimeException e) {
            log.atError().addKeyValue("event", "stream-failed").setCause(e).log("port-forward failed");
            return "internal error, see the log of keelson";
        }
    }

    private synchronized boolean remember(SocketChannel socket) {
        open.removeIf(each -> !each.isOpen());
        return !hasEnded && open.add(socket);
    }

    /** The client is gone: so are its connections. */
    void ended() {
        List<SocketChannel> sockets;
        synchronized (this) {
            hasEnded = true;
            sockets = List.copyOf(open);
            open.clear();
        }
        sockets.forEach(Forward::close);
    }

    void stop(String why) {
        synchronized (this) {
            stoppedBecause = why;
        }
        ended();
    }

    private synchronized @Nullable String stopped() {
        return stoppedBecause;
    }
}
