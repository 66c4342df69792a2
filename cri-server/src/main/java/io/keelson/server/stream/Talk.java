package io.keelson.server.stream;

import io.keelson.host.failure.Failure;
import io.keelson.pod.stream.StreamSession;
import io.keelson.pod.stream.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exec or attach, once every strand that was asked for is there. When the process has ended and its output is sent, its exit code is
 * told on the strand for errors; input may have ended long before.
 */
final class Talk implements StreamSession, Conversation {
    private static final Logger log = LoggerFactory.getLogger(Talk.class);

    private final Offer.Talk offer;
    private final TalkProtocol protocol;
    private final Map<String, Strand> strands;
    private final Runnable farewell;
    private final List<Runnable> whenGone = new ArrayList<>();
    private boolean isGone;
    private @Nullable String stoppedBecause;
    private @Nullable TerminalSize size;
    private Consumer<TerminalSize> sizeListener = _ -> {};

    /**
     * @param strands error, and of stdin, stdout, stderr and resize those that the offer and the protocol have
     * @param farewell ends the connection when all was said
     */
    Talk(Offer.Talk offer, TalkProtocol protocol, Map<String, Strand> strands, Runnable farewell) {
        this.offer = offer;
        this.protocol = protocol;
        this.strands = Map.copyOf(strands);
        this.farewell = farewell;
    }

    void start(Conversations conversations) {
        var resize = strands.get("resize");
        if (resize != null) {
            var _ = conversations.start(
                    offer.kind() + "-resize", () -> TerminalSizes.read(resize.input(), this::resized));
        }
        var _ = conversations.start(offer.kind(), this::run);
    }

    private void run() {
        String words;
        try {
            var code = offer.talker().talk(this);
            words = Optional.ofNullable(stopped()).map(protocol::failed).orElseGet(() -> protocol.ended(code));
        } catch (Failure e) {
            words = protocol.failed(Optional.ofNullable(stopped()).orElse(String.valueOf(e.getMessage())));
        } catch (RuntimeException | Error e) {
            log.atError().addKeyValue("event", "stream-failed").setCause(e).log("a stream failed");
            words = protocol.failed("internal error, see the log of keelson");
        }
        // Whatever interrupted the work must not cut off the farewell.
        Thread.interrupted();
        sayFarewell(words);
    }

    private void sayFarewell(String words) {
        try {
            // Nobody reads what still comes; left lying, it would hide the client's going.
            for (var strand : strands.values()) {
                strand.input().close();
            }
            for (var name : List.of("stdout", "stderr")) {
                var strand = strands.get(name);
                if (strand != null) {
                    strand.output().close();
                }
            }
            try (var errors = error().output()) {
                errors.write(words.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            log.atDebug()
                    .addKeyValue("event", "farewell-not-sent")
                    .log("a stream's client left before the end: {}", e.getMessage());
        }
        farewell.run();
    }

    private Strand error() {
        var error = strands.get("error");
        if (error == null) {
            throw new IllegalStateException("no strand for errors");
        }
        return error;
    }

    @Override
    public Optional<InputStream> stdin() {
        return Optional.ofNullable(strands.get("stdin")).map(Strand::input);
    }

    @Override
    public Optional<OutputStream> stdout() {
        return Optional.ofNullable(strands.get("stdout")).map(Strand::output);
    }

    @Override
    public Optional<OutputStream> stderr() {
        return Optional.ofNullable(strands.get("stderr")).map(Strand::output);
    }

    @Override
    public synchronized void onResize(Consumer<TerminalSize> listener) {
        sizeListener = listener;
        if (size != null) {
            listener.accept(size);
        }
    }

    private synchronized void resized(TerminalSize next) {
        size = next;
        sizeListener.accept(next);
    }

    @Override
    public synchronized void onGone(Runnable action) {
        if (isGone) {
            action.run();
        } else {
            whenGone.add(action);
        }
    }

    @Override
    public synchronized void ended() {
        isGone = true;
        whenGone.forEach(Runnable::run);
        whenGone.clear();
    }

    /** The process's side hears that nobody is there any more; the client is still told why. */
    @Override
    public void stop(String why) {
        synchronized (this) {
            if (stoppedBecause == null) {
                stoppedBecause = why;
            }
        }
        ended();
    }

    private synchronized @Nullable String stopped() {
        return stoppedBecause;
    }
}
