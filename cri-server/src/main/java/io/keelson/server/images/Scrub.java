package io.keelson.server.images;

import io.keelson.host.failure.Failure;
import io.keelson.image.Finding;
import io.keelson.image.ImageVerifier;
import io.keelson.image.layer.IoBudget;
import io.keelson.server.config.Configuration;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at everything on disk now and then, slowly, so that damage is found before a container meets it. */
public final class Scrub implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scrub.class);
    /** The daemon has better to do when it has just begun. */
    private static final Duration FIRST_AFTER = Duration.ofHours(1);

    private final ImageVerifier verifier;
    private final Duration interval;
    private final long bytesPerSecond;
    private final Thread thread;

    private Scrub(ImageVerifier verifier, Configuration.Images settings) {
        this.verifier = verifier;
        interval = settings.scrubInterval();
        bytesPerSecond = (long) settings.scrubRate() << 20;
        thread = Thread.ofVirtual().name("scrub").unstarted(this::run);
    }

    public static Scrub start(ImageVerifier verifier, Configuration.Images settings) {
        var scrub = new Scrub(verifier, settings);
        if (scrub.interval.isPositive()) {
            scrub.thread.start();
        }
        return scrub;
    }

    private void run() {
        var pause = interval.compareTo(FIRST_AFTER) < 0 ? interval : FIRST_AFTER;
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
                once();
                pause = interval;
            }
        } catch (InterruptedException e) {
            // close() ends it.
        }
    }

    private void once() throws InterruptedException {
        try {
            verifier.verifyAll(IoBudget.perSecond(bytesPerSecond), Scrub::tell);
            log.atInfo().addKeyValue("event", "scrubbed").log("looked at all images");
        } catch (Failure e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            log.atWarn().addKeyValue("event", "scrub-failed").log("cannot look at all images: {}", e.getMessage());
        }
    }

    private static void tell(Finding finding) {
        if (finding.outcome() != Finding.Outcome.SOUND) {
            log.atWarn()
                    .addKeyValue("event", "damage-found")
                    .addKeyValue("what", finding.what())
                    .addKeyValue("outcome", finding.outcome())
                    .log("{} was damaged: {}", finding.what(), finding.why());
        }
    }

    @Override
    public void close() {
        if (!interval.isPositive()) {
            return;
        }
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
